using System.Collections.Concurrent;
using Idempotency.Storage;
using Idempotency.Telemetry;

namespace Idempotency.Execution;

/// <summary>The stores of a guard by name, each made when it is first used.</summary>
internal sealed class StoreSet
{
    /// <summary>The name of the store that operations use which name none.</summary>
    public const string DefaultName = "";

    private readonly ConcurrentDictionary<string, StoreCalls> _stores = new(StringComparer.Ordinal);
    private readonly Func<string, IIdempotencyStore?> _find;
    private readonly Func<IEnumerable<string>> _names;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly IdempotencyTelemetry _telemetry;
    private readonly StoreCalls _default;

    /// <exception cref="InvalidOperationException">There is no default store.</exception>
    public StoreSet(
        Func<string, IIdempotencyStore?> find, Func<IEnumerable<string>> names, TimeSpan timeout, TimeProvider time, IdempotencyTelemetry telemetry)
    {
        _find = find;
        _names = names;
        _timeout = timeout;
        _time = time;
        _telemetry = telemetry;
        _default = Find(DefaultName);
    }

    public StoreCalls this[string? name] => name is null ? _default : _stores.TryGetValue(name, out var store) ? store : Find(name);

    private StoreCalls Find(string name)
    {
        var store = _find(name) ?? throw new InvalidOperationException(
            name.Length == 0
                ? "No idempotency store is registered. Use AddIdempotency().UseMemoryStore() or another store."
                : $"No idempotency store is named '{name}'. Register it with AddIdempotency().AddStore(\"{name}\", store => …). Registered: {Known()}.");
        return _stores.GetOrAdd(name, new StoreCalls(store, name.Length == 0 ? null : name, _timeout, _time, _telemetry));
    }

    private string Known()
    {
        var names = string.Join(", ", _names().Where(static name => name.Length > 0).Order(StringComparer.Ordinal).Select(static name => $"'{name}'"));
        return names.Length == 0 ? "none" : names;
    }
}
