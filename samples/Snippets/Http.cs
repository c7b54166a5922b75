using Idempotency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets.Http;

internal sealed record Charge(int UserId, decimal Amount);

internal static class Application
{
    public static void Start(string[] args)
    {
        #region http-quick-start
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddAuthentication("Cookies").AddCookie("Cookies");
        builder.Services.AddAuthorization();
        builder.Services.AddIdempotency().UseRedis("localhost:6379");

        var app = builder.Build();
        app.MapPost("/charges", (Charge charge) => Results.Created("/charges/1", charge))
            .RequireAuthorization()
            .RequireIdempotencyKey();
        app.Run();
        #endregion
    }

    public static void Groups(WebApplication app)
    {
        #region http-group
        var payments = app.MapGroup("/payments").RequireAuthorization().RequireIdempotencyKey(options =>
        {
            options.Ttl = TimeSpan.FromDays(7);
            options.OnDuplicate = OnDuplicate.Wait;
        });
        payments.MapPost("/charges", (Charge charge) => Results.Ok(charge));
        payments.MapPost("/refunds", (Charge charge) => Results.Ok(charge))
            .RequireIdempotencyKey(options => options.OnCrash = OnCrash.Hold); // adds to what the group says
        #endregion
    }

    public static void Defaults(IServiceCollection services)
    {
        #region http-policies
        services.Configure<IdempotencyKeyOptions>(options => options.ExpiryHeaderName = "Idempotency-Expires"); // for all endpoints
        services.Configure<IdempotencyKeyOptions>("partners", options => options.UseStripeProfile()); // for those that name it
        #endregion
    }

    public static void Scopes(WebApplication app)
    {
        #region http-scope
        app.MapPost("/partners/charges", (Charge charge) => Results.Ok(charge))
            .RequireIdempotencyKey(options => options.Scope = context =>
                context.Items["partner"] is string partner ? new IdempotencyScope(partner, tenant: context.Request.Headers["X-Tenant"]) : null);
        #endregion
    }

    public static void Fates(WebApplication app)
    {
        #region http-fate
        app.MapPost("/transfers", (Charge charge) => Results.Ok(charge)).RequireAuthorization().RequireIdempotencyKey(options =>
        {
            options.OnCrash = OnCrash.Hold;
            options.Fate = outcome => outcome switch
            {
                { Exception: TimeoutException } => ResponseFate.LeaveInDoubt, // the bank did not answer
                { StatusCode: 404 } => ResponseFate.Free,                     // not there yet; may be there soon
                _ => null,                                                    // as the default says
            };
        });
        #endregion
    }

    public static void Context(WebApplication app)
    {
        #region http-context
        app.MapPost("/charges", async (Charge charge, HttpContext context, IPaymentGateway gateway) =>
        {
            var attempt = context.GetIdempotencyContext()!;
            await gateway.ChargeAsync(charge, idempotencyKey: attempt.ChildKey("charge"), attempt.CancellationToken);
            return Results.Created();
        }).RequireAuthorization().RequireIdempotencyKey();
        #endregion
    }
}

#region http-controller
[ApiController, Route("charges")]
public sealed class ChargesController : ControllerBase
{
    [HttpPost, RequireIdempotencyKey(OnDuplicate = OnDuplicate.Wait)]
    public IActionResult Create(string currency, decimal amount) => Created("/charges/1", new { currency, amount });

    [HttpPatch("{id:int}"), RequireIdempotencyKey("partners")]
    public IActionResult Change(int id, decimal amount) => Ok(new { id, amount });
}
#endregion

internal interface IPaymentGateway
{
    Task ChargeAsync(Charge charge, string idempotencyKey, CancellationToken cancellationToken);
}
