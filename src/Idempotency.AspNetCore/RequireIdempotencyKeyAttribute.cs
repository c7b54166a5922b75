using Idempotency.AspNetCore.Endpoints;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Idempotency;

/// <summary>
/// Runs a controller's action once per <c>Idempotency-Key</c>: the first request with a key runs it, and every later one gets the first response again,
/// byte for byte. On a controller it holds for all of its actions with a guarded method. What cannot be said here is said by a policy:
/// <c>services.Configure&lt;IdempotencyKeyOptions&gt;("name", …)</c>.
/// </summary>
/// <remarks>
/// Only for controllers, and for the models of Razor Pages, whose POST handlers it guards: on the handler of <c>MapPost</c> it is an error at
/// start, and <c>RequireIdempotencyKey()</c> is called instead. On an action none of whose methods is among
/// <see cref="IdempotencyKeyOptions.Methods"/> it is an error at start too.
/// Authorization happens before, filters included. Model binding and action filters belong to the action: they do not run for a replay.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequireIdempotencyKeyAttribute : Attribute, IAsyncResourceFilter, IOrderedFilter, IIdempotencyKeyMetadata
{
    private OnDuplicate? _onDuplicate;
    private OnFailure? _onFailure;
    private OnCrash? _onCrash;
    private bool? _isRequired;

    /// <summary>Guards by the options of all endpoints.</summary>
    public RequireIdempotencyKeyAttribute()
    {
    }

    /// <summary>Guards by the options of this name.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public RequireIdempotencyKeyAttribute(string policy)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(policy);
        Policy = policy;
    }

    /// <summary>The name of the options; <see langword="null"/> for those of all endpoints.</summary>
    public string? Policy { get; }

    /// <inheritdoc cref="IdempotencyKeyOptions.OnDuplicate"/>
    public OnDuplicate OnDuplicate { get => _onDuplicate ?? default; set => _onDuplicate = value; }

    /// <inheritdoc cref="IdempotencyKeyOptions.OnFailure"/>
    public OnFailure OnFailure { get => _onFailure ?? default; set => _onFailure = value; }

    /// <inheritdoc cref="IdempotencyKeyOptions.OnCrash"/>
    public OnCrash OnCrash { get => _onCrash ?? default; set => _onCrash = value; }

    /// <inheritdoc cref="IdempotencyKeyOptions.IsRequired"/>
    public bool IsRequired { get => _isRequired ?? true; set => _isRequired = value; }

    /// <summary>Before other resource filters, so that none of them runs for a replay.</summary>
    int IOrderedFilter.Order => int.MinValue;

    /// <summary>It cannot know; the action's own attributes tell.</summary>
    bool IIdempotencyKeyMetadata.IsOfOneEndpoint => false;

    void IIdempotencyKeyMetadata.Configure(IdempotencyKeyOptions options)
    {
        options.OnDuplicate = _onDuplicate ?? options.OnDuplicate;
        options.OnFailure = _onFailure ?? options.OnFailure;
        options.OnCrash = _onCrash ?? options.OnCrash;
        options.IsRequired = _isRequired ?? options.IsRequired;
    }

    /// <inheritdoc/>
    public Task OnResourceExecutionAsync(ResourceExecutingContext context, ResourceExecutionDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        return ActionGuard.RunAsync(context, next);
    }
}
