using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Idempotency.Serialization;

/// <summary>Finds the JSON contract of a result type.</summary>
internal sealed class JsonContracts
{
    private const int MaxDepth = 64;

    /// <summary>What no contract can carry to another process and time, whatever a serializer makes of its properties.</summary>
    private static readonly Type[] s_liveTypes =
    [
        typeof(Stream), typeof(TextReader), typeof(TextWriter), typeof(Delegate), typeof(MemberInfo), typeof(SafeHandle), typeof(WaitHandle),
        typeof(Task), typeof(IQueryable), typeof(IEnumerator), typeof(IDisposable), typeof(IAsyncDisposable), typeof(nint), typeof(nuint), typeof(CancellationToken),
    ];

    private readonly IJsonTypeInfoResolver[] _resolvers;
    private readonly JsonSerializerOptions _options;

    // What was found once, by the contract that the operation brought along or else by the type.
    private readonly ConcurrentDictionary<object, JsonTypeInfo> _found = new();

    /// <param name="resolvers">What the application registered.</param>
    /// <param name="useReflection">Whether reflection answers for what nothing registered knows.</param>
    public JsonContracts(IEnumerable<IJsonTypeInfoResolver> resolvers, bool useReflection)
    {
        _resolvers = [.. resolvers];
        _options = new JsonSerializerOptions
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine([.. _resolvers, useReflection ? Reflection() : null]),
            MaxDepth = MaxDepth,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            IncludeFields = true, // tuples keep their elements in fields
        };
        _options.MakeReadOnly();
    }

    /// <summary>Whether the contract was found before.</summary>
    public bool IsKnown<TResult>(JsonTypeInfo<TResult>? own) => _found.ContainsKey((object?)own ?? typeof(TResult));

    /// <param name="operation">What messages name.</param>
    /// <param name="own">The contract that the operation brings along, if it does.</param>
    /// <exception cref="InvalidOperationException">The type cannot be stored, or nothing registered knows it; the message says what to do.</exception>
    public JsonTypeInfo<TResult> For<TResult>(string operation, JsonTypeInfo<TResult>? own = null)
    {
        var sought = (object?)own ?? typeof(TResult);
        if (!_found.TryGetValue(sought, out var contract))
        {
            contract = Find(operation, own);
            _found.TryAdd(sought, contract);
        }

        return (JsonTypeInfo<TResult>)contract;
    }

    private JsonTypeInfo<TResult> Find<TResult>(string operation, JsonTypeInfo<TResult>? own)
    {
        if (IsLive(typeof(TResult)))
        {
            throw new InvalidOperationException(
                $"Operation '{operation}' returns '{typeof(TResult)}', which cannot be stored and replayed; the body did not run. Return the data " +
                "itself, such as a record, a string or a byte array.");
        }

        if (own is not null)
        {
            return Readable(own, operation);
        }

        foreach (var resolver in _resolvers)
        {
            // A context answers with its own options, so that the converters and names it was declared with are kept.
            var answer = resolver is JsonSerializerContext context ? context.GetTypeInfo(typeof(TResult)) : null;
            if (answer is JsonTypeInfo<TResult> contract)
            {
                return Readable(contract, operation);
            }

            if (resolver is not JsonSerializerContext && resolver.GetTypeInfo(typeof(TResult), _options) is not null)
            {
                break; // it is the first that knows the type, in the options' chain too
            }
        }

        return _options.TryGetTypeInfo(typeof(TResult), out var found)
            ? Readable((JsonTypeInfo<TResult>)found, operation)
            : throw new InvalidOperationException(
                $"Operation '{operation}' returns '{typeof(TResult)}', for which no JSON contract is registered; the body did not run. Add " +
                $"[JsonSerializable(typeof({typeof(TResult).Name}))] to a JsonSerializerContext and register it with " +
                $"options.{nameof(IdempotencyOptions.JsonTypeInfoResolvers)}.Add(…).");
    }

    /// <summary>Refuses what could be written but never read back, before anything has happened.</summary>
    private static JsonTypeInfo<TResult> Readable<TResult>(JsonTypeInfo<TResult> contract, string operation) =>
        contract.Kind == JsonTypeInfoKind.Object && contract.PolymorphismOptions is null && (typeof(TResult).IsAbstract || typeof(TResult).IsInterface)
            ? throw new InvalidOperationException(
                $"Operation '{operation}' returns '{typeof(TResult)}', which could be stored but not read back, because it is abstract; the body did not " +
                "run. Return a type of its own, or declare what it can be with [JsonPolymorphic] and [JsonDerivedType].")
            : contract;

    private static bool IsLive(Type type) =>
        Array.Exists(s_liveTypes, live => live.IsAssignableFrom(type))
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>));

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Used only where the application allows JSON by reflection, which a trimmed one does not.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Used only where the application allows JSON by reflection, which an AOT-compiled one does not.")]
    private static DefaultJsonTypeInfoResolver? Reflection() =>
        JsonSerializer.IsReflectionEnabledByDefault ? new DefaultJsonTypeInfoResolver() : null;
}
