namespace Idempotency.Runtime.Tests.Transactions;

public enum DatabaseFault
{
    None,
    Conflict,
    Refused,
    Lost,
    LostAfter,
    Hangs,
}
