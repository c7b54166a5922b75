namespace Idempotency.Docs.Tests;

/// <summary>People write keys in other languages by docs/architecture.md: its example must be what this library makes.</summary>
public class KeyExampleTests
{
    [Fact]
    public async Task The_example_key_is_the_one_the_guard_makes()
    {
        var page = Repository.Read("docs/architecture.md");
        var operation = new IdempotentOperation<string>("webhooks.handle");
        using var guard = IdempotencyGuard.Create(new MemoryStore());

        var key = await guard.RunAsync(operation, "evt_1", context => Task.FromResult(context.Key));

        Assert.Contains($"schema   {operation.Schema}\n", page, StringComparison.Ordinal);
        Assert.Contains($"header   {Convert.ToHexStringLower(operation.KeyHeader)}\n", page, StringComparison.Ordinal);
        Assert.Contains($"key      {key}\n", page, StringComparison.Ordinal);
    }
}
