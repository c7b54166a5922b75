using Idempotency;

namespace Snippets.ExplicitCall;

#region explicit-call
public sealed class WebhookHandler(IdempotencyGuard guard)
{
    private static readonly IdempotentOperation<string> Handle = new("webhooks.handle") { Ttl = TimeSpan.FromDays(3) };

    public Task<string> HandleAsync(string eventId, Func<Task<string>> handle, CancellationToken cancellationToken) =>
        guard.RunAsync(Handle, eventId, context => handle(), cancellationToken);
}
#endregion
