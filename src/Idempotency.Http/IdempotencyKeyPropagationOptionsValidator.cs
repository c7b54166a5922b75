using Microsoft.Extensions.Options;

namespace Idempotency.Http;

internal sealed class IdempotencyKeyPropagationOptionsValidator : IValidateOptions<IdempotencyKeyPropagationOptions>
{
    public ValidateOptionsResult Validate(string? name, IdempotencyKeyPropagationOptions options)
    {
        string[] faults = [.. options.Faults()];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
