using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Routing;
using Microsoft.AspNetCore.Routing;

namespace Idempotency.AspNetCore.Tests;

[ApiController, Route("mvc"), Authorize]
public sealed class ChargesController : ControllerBase
{
    private static int s_failures;

    [HttpPost("json"), RequireIdempotencyKey]
    public object Json() => new { Now = System.Diagnostics.Stopwatch.GetTimestamp() };

    [HttpPost("file"), RequireIdempotencyKey]
    public IActionResult Download() => File(Guid.NewGuid().ToByteArray(), "application/octet-stream", "charge.bin");

    [HttpPost("nothing"), RequireIdempotencyKey]
    public IActionResult Nothing() => NoContent();

    [HttpPost("moved"), RequireIdempotencyKey]
    public IActionResult Moved() => RedirectPreserveMethod("/elsewhere");

    [HttpPost("invalid"), RequireIdempotencyKey]
    public IActionResult Invalid()
    {
        ModelState.AddModelError("amount", "too small");
        return ValidationProblem();
    }

    [HttpPost("both"), HttpPut("both/{id:int}"), RequireIdempotencyKey]
    public string Both(int id) => $"both {id}";

    [HttpPost("text"), RequireIdempotencyKey]
    public IActionResult Text() => Content($"now {System.Diagnostics.Stopwatch.GetTimestamp()}", "text/plain", Encoding.UTF8);

    [HttpPost("unguarded")]
    public object Unguarded() => new { Now = System.Diagnostics.Stopwatch.GetTimestamp() };

    [HttpPost("named"), RequireIdempotencyKey("bare")]
    public object Named() => new { Now = System.Diagnostics.Stopwatch.GetTimestamp() };

    [HttpPost("fails-once"), RequireIdempotencyKey]
    public object FailsOnce() => Interlocked.Increment(ref s_failures) == 1 ? throw new InvalidOperationException("broken") : "done";

    [HttpPost("filtered"), RequireIdempotencyKey, Declined]
    public object Filtered() => throw new InvalidOperationException("declined");
}

[ApiController, Route("anonymous")]
public sealed class AnonymousController : ControllerBase
{
    [HttpPost, RequireIdempotencyKey]
    public object Enlist() => "done";
}

/// <summary>Who may pass, as a filter sees it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GateAttribute : Attribute, IAuthorizationFilter
{
    public static bool IsOpen { get; set; } = true;

    public void OnAuthorization(AuthorizationFilterContext context) => context.Result = IsOpen ? null : new StatusCodeResult(403);
}

[ApiController, Route("gated"), Authorize, RequireIdempotencyKey]
public sealed class GatedController : ControllerBase
{
    [HttpPost("marked"), Gate, RequireIdempotencyKey]
    public string Marked() => "secret";

    [HttpPost("mapped"), Gate]
    public string Mapped() => "secret";
}

[Authorize, RequireIdempotencyKey]
public sealed class ByConventionController : ControllerBase
{
    [HttpPost]
    public string One() => "one";

    [HttpPost]
    public string Two() => "two";

    [HttpGet]
    public string Read() => "read";
}

[ApiController, Route("replaced"), Authorize]
public sealed class ReplacingController : ControllerBase
{
    [HttpPut, RequireIdempotencyKey]
    public object Replace() => "done";
}

/// <summary>Reached by no route of its own.</summary>
[Authorize, RequireIdempotencyKey]
public sealed class FallbackController : ControllerBase
{
    public object Anything() => new { Now = System.Diagnostics.Stopwatch.GetTimestamp() };
}

/// <summary>Leads every path to <see cref="FallbackController"/>.</summary>
public sealed class ToFallback : DynamicRouteValueTransformer
{
    public override ValueTask<RouteValueDictionary> TransformAsync(HttpContext httpContext, RouteValueDictionary values) =>
        new(new RouteValueDictionary { ["controller"] = "Fallback", ["action"] = "Anything" });
}

[AttributeUsage(AttributeTargets.Method)]
public sealed class DeclinedAttribute : ExceptionFilterAttribute
{
    public override void OnException(ExceptionContext context) =>
        context.Result = new ObjectResult(new { context.Exception.Message, Now = System.Diagnostics.Stopwatch.GetTimestamp() }) { StatusCode = 402 };
}
