namespace WebApi;

/// <summary>What a client asks for.</summary>
/// <param name="UserId">Who is to pay.</param>
/// <param name="Amount">How much, from 0.01 to 10,000.</param>
public sealed record Charge(int UserId, decimal Amount)
{
    /// <summary>What is wrong with it, by the name of the field.</summary>
    public Dictionary<string, string[]> Faults()
    {
        var faults = new Dictionary<string, string[]>();
        if (UserId < 1)
            faults["userId"] = ["The user's number must be 1 or more."];
        if (Amount is < 0.01m or > 10_000m)
            faults["amount"] = ["The amount must be from 0.01 to 10,000."];
        return faults;
    }
}
