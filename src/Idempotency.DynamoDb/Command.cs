using System.Text.RegularExpressions;
using Amazon.DynamoDBv2.Model;

namespace Idempotency.DynamoDb;

/// <summary>One conditional update, with the names it uses and those of the values it wants.</summary>
internal sealed partial class Command
{
    private readonly Dictionary<string, string> _names;
    private readonly string[] _values;

    public Command(string update, string condition)
    {
        (Update, Condition) = (update, condition);
        var text = update + " " + condition;
        _names = NamesIn(text);
        _values = [.. Value().Matches(text).Select(static match => match.Value).Distinct()];
    }

    public string Update { get; }

    public string Condition { get; }

    /// <summary>The names that placeholders of an expression stand for: their own.</summary>
    public static Dictionary<string, string> NamesIn(string expression) =>
        Name().Matches(expression).Select(static match => match.Value).Distinct().ToDictionary(static name => name, static name => name[1..]);

    /// <summary>The request. DynamoDB refuses values that no expression uses, so only those that this one does are taken.</summary>
    public UpdateItemRequest ToRequest(string table, RecordKey key, Dictionary<string, AttributeValue> values) => new()
    {
        TableName = table,
        Key = key.ToItem(),
        UpdateExpression = Update,
        ConditionExpression = Condition,
        ExpressionAttributeNames = _names,
        ExpressionAttributeValues = _values.ToDictionary(static name => name, name => values[name]),
        ReturnValues = Amazon.DynamoDBv2.ReturnValue.NONE,
        ReturnValuesOnConditionCheckFailure = Amazon.DynamoDBv2.ReturnValuesOnConditionCheckFailure.ALL_OLD,
    };

    [GeneratedRegex("#[a-zA-Z]+")]
    private static partial Regex Name();

    [GeneratedRegex(":[a-zA-Z_]+")]
    private static partial Regex Value();
}
