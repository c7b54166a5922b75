using System.Security.Claims;
using Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;

namespace WebApi;

/// <summary>The API. This is the class to read first.</summary>
public static class ChargeEndpoints
{
    /// <summary>Maps it. All that makes a charge idempotent is <c>RequireIdempotencyKey</c>; the handler knows nothing of it.</summary>
    public static void MapCharges(this WebApplication app, Arguments arguments)
    {
        var charges = app.MapGroup("/charges").RequireAuthorization().WithTags("Charges");
        charges.MapGet("", List).WithSummary("The charges that the caller has made.");
        charges.MapGet("{id}", Find).WithName("charge").WithSummary("One charge of the caller's.");
        charges.MapPost("", ChargeAsync).WithSummary("Charges a user once per key.").RequireIdempotencyKey(options =>
        {
            options.Lease = arguments.Lease;
            options.OnCrash = arguments.OnCrash;
        });
    }

    private static async Task<Results<Created<Receipt>, ValidationProblem>> ChargeAsync(
        Charge charge, ClaimsPrincipal caller, Bank bank, CancellationToken cancellationToken)
    {
        if (charge.Faults() is { Count: > 0 } faults)
            return TypedResults.ValidationProblem(faults);

        var receipt = await bank.ChargeAsync(DemoCaller.NameOf(caller), charge, cancellationToken);
        return TypedResults.Created($"/charges/{receipt.Id}", receipt);
    }

    private static Results<Ok<Receipt>, NotFound> Find(string id, ClaimsPrincipal caller, Ledger ledger) =>
        OfCaller(caller, ledger).FirstOrDefault(receipt => receipt.Id == id) is { } receipt ? TypedResults.Ok(receipt) : TypedResults.NotFound();

    private static Ok<Receipt[]> List(ClaimsPrincipal caller, Ledger ledger) => TypedResults.Ok(OfCaller(caller, ledger).ToArray());

    private static IEnumerable<Receipt> OfCaller(ClaimsPrincipal caller, Ledger ledger)
    {
        var name = DemoCaller.NameOf(caller);
        return ledger.Read().Where(receipt => receipt.Caller == name);
    }
}
