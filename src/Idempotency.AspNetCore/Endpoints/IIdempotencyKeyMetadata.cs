namespace Idempotency.AspNetCore.Endpoints;

/// <summary>What an endpoint, or a group it is in, says about its key.</summary>
internal interface IIdempotencyKeyMetadata
{
    /// <summary>The options to start from, by name; <see langword="null"/> for those of all endpoints.</summary>
    string? Policy { get; }

    /// <summary>Whether it is said of this very endpoint, and not of several at once.</summary>
    bool IsOfOneEndpoint { get; }

    /// <summary>Changes the options.</summary>
    void Configure(IdempotencyKeyOptions options);
}
