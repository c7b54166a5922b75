namespace Idempotency.Runtime.Tests.Transactions;

public enum DatabaseStep
{
    Begin,
    Claim,
    Commit,
    Rollback,
    Get,
}
