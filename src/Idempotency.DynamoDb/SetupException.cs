namespace Idempotency.DynamoDb;

/// <summary>The table is not set up for the store: trying again changes nothing until somebody has acted.</summary>
internal sealed class SetupException(string message, Exception cause) : InvalidOperationException(message, cause);
