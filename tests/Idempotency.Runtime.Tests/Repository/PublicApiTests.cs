using System.Reflection;
using Xunit;

namespace Idempotency.Runtime.Tests.Repository;

/// <summary>What users can call changes only on purpose: run with API_ACCEPT=1 to accept, and review the difference.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Shipped => [.. Repo.ShippedLibraries];

    [Theory, MemberData(nameof(Shipped))]
    public void The_public_API_is_the_accepted_one(string assembly)
    {
        var file = Repo.Path($"tests/Idempotency.Runtime.Tests/Repository/PublicApi.{assembly}.txt");
        var actual = PublicApi.Of(Assembly.Load(assembly));
        if (Environment.GetEnvironmentVariable("API_ACCEPT") == "1")
        {
            File.WriteAllText(file, string.Join('\n', actual) + "\n");
        }

        var accepted = File.ReadAllLines(file);
        var difference = accepted.Except(actual).Select(static line => "- " + line).Concat(actual.Except(accepted).Select(static line => "+ " + line));
        Assert.True(accepted.SequenceEqual(actual), $"The public API of {assembly} changed; API_ACCEPT=1 accepts it.\n{string.Join('\n', difference)}");
    }
}
