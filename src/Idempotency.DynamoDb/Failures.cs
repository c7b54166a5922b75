using System.Net.Sockets;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;

namespace Idempotency.DynamoDb;

/// <summary>Says of a failed request what is wrong and what to do. What a person has to mend refuses a claim at once; after everything else the guard tries again.</summary>
internal static class Failures
{
    /// <summary>The failure in words; <see langword="null"/> when it speaks for itself.</summary>
    public static Exception? Explain(Exception failure, IAmazonDynamoDB client, string table) => failure switch
    {
        ConditionalCheckFailedException or OperationCanceledException or TimeoutException => null,
        ResourceNotFoundException => new SetupException(
            $"There is no table '{table}' at {PlaceOf(client)}. Make it, for example with {nameof(DynamoDbStore)}.{nameof(DynamoDbStore.EnsureTableAsync)}, or name the right "
            + "table, region and account.",
            failure),
        ProvisionedThroughputExceededException or RequestLimitExceededException => Throttled(failure, table),
        AmazonServiceException { ErrorCode: "ThrottlingException" or "Throttling" or "TooManyRequestsException" } => Throttled(failure, table),
        AmazonServiceException { ErrorCode: "AccessDeniedException" or "AccessDenied" } => new UnauthorizedAccessException(
            $"The credentials may not use the table '{table}'. The store needs dynamodb:GetItem and dynamodb:UpdateItem on it, and to make it dynamodb:CreateTable, "
            + $"DescribeTable, DescribeTimeToLive and UpdateTimeToLive. DynamoDB said: {failure.Message}",
            failure),
        AmazonServiceException
        {
            ErrorCode: "UnrecognizedClientException" or "InvalidSignatureException" or "ExpiredTokenException" or "MissingAuthenticationTokenException"
            or "IncompleteSignatureException" or "InvalidClientTokenId"
        } => new UnauthorizedAccessException(
            $"DynamoDB at {PlaceOf(client)} does not accept the credentials. Look at which ones the client uses, if they have expired, and if this machine's clock is right. "
            + $"DynamoDB said: {failure.Message}",
            failure),
        AmazonServiceException { ErrorCode: "ValidationException" } when failure.Message.Contains("schema", StringComparison.OrdinalIgnoreCase) =>
            new SetupException(
                $"The table '{table}' has other keys than the store's: it needs the partition key '{Attributes.Operation}' and the sort key '{Attributes.Key}', both text. "
                + "Give the store a table of its own.",
                failure),
        AmazonServiceException { ErrorCode: not (null or "") } => null,
        AmazonClientException when IsAboutCredentials(failure) => new UnauthorizedAccessException(
            $"No AWS credentials were found. Give the client some, or the machine a role. The client said: {failure.Message}", failure),
        AmazonClientException or HttpRequestException or IOException or SocketException => new IOException(
            $"DynamoDB could not be reached at {PlaceOf(client)}. Look at the address, the region and the network. The client said: {failure.Message}", failure),
        _ => null,
    };

    private static IOException Throttled(Exception failure, string table) => new(
        $"The table '{table}' is throttled: more is asked of it than its capacity. It passes; raise the capacity, use on-demand capacity, or send fewer requests. "
        + $"DynamoDB said: {failure.Message}",
        failure);

    private static bool IsAboutCredentials(Exception failure) => failure.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase);

    private static string PlaceOf(IAmazonDynamoDB client) =>
        client.Config.ServiceURL is { Length: > 0 } address ? address : $"region '{client.Config.RegionEndpoint?.SystemName ?? "none"}'";
}
