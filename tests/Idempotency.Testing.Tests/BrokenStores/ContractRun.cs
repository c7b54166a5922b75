using System.Reflection;
using System.Runtime.ExceptionServices;
using Xunit.Sdk;

namespace Idempotency.Testing.Tests.BrokenStores;

/// <summary>Runs the facts of the contract in this process, as a test framework does, and says which of them fail.</summary>
internal static class ContractRun
{
    /// <summary>The facts that failed and with what, each once.</summary>
    /// <param name="make">Makes a test class with a store of its own, for every single case.</param>
    public static async Task<IReadOnlyDictionary<string, string>> FailuresAsync(Func<StoreContract> make)
    {
        var failures = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var fact in Facts)
        {
            foreach (var arguments in CasesOf(fact))
            {
                if (await FailureAsync(fact, make(), arguments) is { } failure)
                {
                    failures.TryAdd(fact.Name, failure);
                }
            }
        }

        return failures;
    }

    public static IReadOnlyList<MethodInfo> Facts { get; } =
        [.. typeof(StoreContract).GetMethods().Where(static method => method.IsDefined(typeof(FactAttribute))).OrderBy(static method => method.Name, StringComparer.Ordinal)];

    private static IEnumerable<object?[]> CasesOf(MethodInfo fact) => fact.IsDefined(typeof(TheoryAttribute))
        ? fact.GetCustomAttributes<DataAttribute>().SelectMany(data => data.GetData(fact))
        : [[]];

    private static async Task<string?> FailureAsync(MethodInfo fact, StoreContract contract, object?[] arguments)
    {
        try
        {
            await Invoke(fact, contract, arguments);
            return null;
        }
#pragma warning disable CA1031 // Whatever a fact throws is its failure, as it is to every test framework.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return $"{failure.GetType().Name}: {failure.Message}";
        }
    }

    private static Task Invoke(MethodInfo fact, StoreContract contract, object?[] arguments)
    {
        try
        {
            return (Task)fact.Invoke(contract, arguments)!;
        }
        catch (TargetInvocationException failure) when (failure.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner); // what the fact threw, not that it threw
            throw;
        }
    }
}
