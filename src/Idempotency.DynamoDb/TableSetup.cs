using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Idempotency.DynamoDb;

/// <summary>Makes the table, or looks whether the one that is there is the store's.</summary>
internal sealed class TableSetup(IAmazonDynamoDB client, string table, TimeSpan longest, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (await DescribeAsync(cancellationToken).ConfigureAwait(false) is null)
        {
            await CreateAsync(cancellationToken).ConfigureAwait(false);
        }

        var description = await UntilReadyAsync(cancellationToken).ConfigureAwait(false);
        RequireKeys(description);
        await EnsureExpirationAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<TableDescription?> DescribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await SendAsync(token => client.DescribeTableAsync(new DescribeTableRequest { TableName = table }, token), cancellationToken).ConfigureAwait(false)).Table;
        }
        catch (ResourceNotFoundException)
        {
            return null; // the question was whether there is one
        }
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        var request = new CreateTableRequest
        {
            TableName = table,
            BillingMode = BillingMode.PAY_PER_REQUEST,
            KeySchema = [new KeySchemaElement(Attributes.Operation, KeyType.HASH), new KeySchemaElement(Attributes.Key, KeyType.RANGE)],
            AttributeDefinitions =
            [
                new AttributeDefinition(Attributes.Operation, ScalarAttributeType.S), new AttributeDefinition(Attributes.Key, ScalarAttributeType.S),
            ],
        };
        try
        {
            await SendAsync(token => client.CreateTableAsync(request, token), cancellationToken).ConfigureAwait(false);
        }
        catch (ResourceInUseException)
        {
            // Another process makes it at this moment, which is as good.
        }
    }

    private async Task<TableDescription> UntilReadyAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            // A table that was just made may not be found at first.
            var description = await DescribeAsync(cancellationToken).ConfigureAwait(false);
            if (description is not null && (description.TableStatus == TableStatus.ACTIVE || description.TableStatus == TableStatus.UPDATING))
            {
                return description;
            }

            if (time.GetElapsedTime(began) > s_patience)
            {
                throw new TimeoutException(
                    $"The table '{table}' is '{description?.TableStatus.Value ?? "absent"}' after {s_patience.TotalMinutes} minutes. Look at it in the AWS console.");
            }

            await Task.Delay(s_pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void RequireKeys(TableDescription description)
    {
        var keys = string.Join(", ", description.KeySchema.Select(key =>
            $"{key.AttributeName} {key.KeyType} {description.AttributeDefinitions.Find(attribute => attribute.AttributeName == key.AttributeName)?.AttributeType}"));
        const string Expected = $"{Attributes.Operation} HASH S, {Attributes.Key} RANGE S";
        if (keys != Expected)
        {
            throw new InvalidOperationException(
                $"The table '{table}' has the keys '{keys}', and the store needs '{Expected}'. Give the store a table of its own; nothing was changed.");
        }
    }

    private async Task EnsureExpirationAsync(CancellationToken cancellationToken)
    {
        var request = new DescribeTimeToLiveRequest { TableName = table };
        var ttl = (await SendAsync(token => client.DescribeTimeToLiveAsync(request, token), cancellationToken).ConfigureAwait(false)).TimeToLiveDescription;
        if (ttl.TimeToLiveStatus == TimeToLiveStatus.ENABLED || ttl.TimeToLiveStatus == TimeToLiveStatus.ENABLING)
        {
            if (ttl.AttributeName != Attributes.Expiration)
            {
                throw new InvalidOperationException(
                    $"DynamoDB deletes items of the table '{table}' by the attribute '{ttl.AttributeName}', and the store needs '{Attributes.Expiration}'. "
                    + "Give the store a table of its own, or change the table's time to live.");
            }

            return;
        }

        try
        {
            await SendAsync(
                token => client.UpdateTimeToLiveAsync(
                    new UpdateTimeToLiveRequest
                    {
                        TableName = table,
                        TimeToLiveSpecification = new TimeToLiveSpecification { AttributeName = Attributes.Expiration, Enabled = true },
                    },
                    token),
                cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonDynamoDBException failure) when (failure.ErrorCode == "ValidationException" && failure.Message.Contains("already enabled", StringComparison.OrdinalIgnoreCase))
        {
            // Another process has done it since this one looked.
        }
    }

    private async Task<TAnswer> SendAsync<TAnswer>(Func<CancellationToken, Task<TAnswer>> send, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(longest, time, cancellationToken);
        try
        {
            return await deadline.SendAsync(send).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not ResourceNotFoundException && Failures.Explain(failure, client, table) is { } explained)
        {
            // What the client throws says what the service said, and not what to do about it.
            throw explained;
        }
    }
}
