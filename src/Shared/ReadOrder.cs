namespace Idempotency.Storage;

/// <summary>
/// Whether a claim reads before it writes. Reading is the cheapest way to an outcome, and one round trip too many for a call that is
/// new. So a store reads first while more than two of three calls find an outcome, which is about where the one outweighs the other.
/// Looked at and changed without a lock: it is a guess, and a wrong one costs a round trip.
/// </summary>
internal sealed class ReadOrder
{
    private const int Memory = 64;

    private int _balance;

    public bool ReadsFirst => _balance > 0;

    /// <summary>Takes an answer into account, and gives it back.</summary>
    public Claim Learn(Claim answer)
    {
        if (answer is Claim.Finished)
        {
            _balance = Math.Min(_balance + 1, Memory);
        }
        else if (answer is Claim.Acquired)
        {
            _balance = Math.Max(_balance - 2, -Memory);
        }

        return answer;
    }
}
