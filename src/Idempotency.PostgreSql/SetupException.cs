namespace Idempotency.PostgreSql;

/// <summary>The server, the way to it or the table is not set up for the store: trying again changes nothing until somebody has acted.</summary>
internal sealed class SetupException(string message, Exception? cause = null) : InvalidOperationException(message, cause);
