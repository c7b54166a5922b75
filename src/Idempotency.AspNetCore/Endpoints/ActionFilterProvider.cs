using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Idempotency.AspNetCore.Endpoints;

/// <summary>Gives actions the guard that their endpoints were told to have, as by <c>MapControllers().RequireIdempotencyKey()</c>.</summary>
internal sealed class ActionFilterProvider : IFilterProvider
{
    private static readonly Filter s_filter = new();

    public int Order => 0;

    public void OnProvidersExecuting(FilterProviderContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.ActionContext.HttpContext.GetEndpoint()?.Metadata.GetMetadata<KeyPolicy>() is not null)
        {
            // The first, so that no other resource filter runs for a replay. Authorization filters are a stage of their own, before.
            context.Results.Insert(0, new FilterItem(new FilterDescriptor(s_filter, FilterScope.Global), s_filter));
        }
    }

    public void OnProvidersExecuted(FilterProviderContext context)
    {
    }

    private sealed class Filter : IAsyncResourceFilter
    {
        public Task OnResourceExecutionAsync(ResourceExecutingContext context, ResourceExecutionDelegate next) => ActionGuard.RunAsync(context, next);
    }
}
