using Microsoft.Extensions.Options;

namespace Idempotency.DynamoDb;

/// <summary>
/// Refuses a guard that would hand the table results which no item can hold: they would be lost after the effect, where the guard
/// replaces results that are larger than it allows by a marker.
/// </summary>
internal sealed class ResultSizeValidator : IValidateOptions<IdempotencyOptions>
{
    public ValidateOptionsResult Validate(string? name, IdempotencyOptions options) =>
        options.MaxResultBytes <= ItemSize.MostResult
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{nameof(IdempotencyOptions)}.{nameof(IdempotencyOptions.MaxResultBytes)} is {options.MaxResultBytes}, and an item of DynamoDB holds 400 KB: "
                + $"with a DynamoDB store it must be at most {ItemSize.MostResult}.");
}
