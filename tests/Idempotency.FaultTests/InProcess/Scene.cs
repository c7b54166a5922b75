using Idempotency.Storage;
using Idempotency.Testing;

namespace Idempotency.FaultTests.InProcess;

/// <summary>Some processes, each a guard of its own, that share a store; on a clock that a test moves.</summary>
internal sealed class Scene : IDisposable
{
    /// <summary>Only a hang takes so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);
    private static readonly string s_memory = "/dev/shm";

    private readonly StoreInProcess _kind;
    private readonly string _directory;
    private readonly Func<IIdempotencyStore, IIdempotencyStore> _flaw;
    private readonly List<IDisposable> _opened = [];
    private IIdempotencyStore? _first;

    /// <param name="store">Which store.</param>
    /// <param name="flaw">Plants a flaw in it; none when absent.</param>
    public Scene(string store, Func<IIdempotencyStore, IIdempotencyStore>? flaw = null)
    {
        _kind = StoreInProcess.Named(store);
        _flaw = flaw ?? (static sound => sound);
        _directory = Directory.Exists(s_memory)
            ? Directory.CreateDirectory(Path.Combine(s_memory, "idempotency-" + Path.GetRandomFileName())).FullName
            : Directory.CreateTempSubdirectory("idempotency-").FullName;
    }

    public FakeTimeProvider Time { get; } = new();

    /// <summary>How many records the store has that was opened first.</summary>
    public int Count => _kind.CountOf(_first!);

    /// <summary>How much room its files take.</summary>
    public long Bytes => new DirectoryInfo(_directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(LengthOf);

    /// <summary>How calls behave. Nothing here ends by itself: what a test does not end hangs.</summary>
    public static IdempotencyOptions Options => new()
    {
        DefaultLease = TimeSpan.FromHours(1),
        DefaultTtl = TimeSpan.FromDays(3650),
        DefaultWaitTimeout = TimeSpan.FromSeconds(2),
        ExecutionLimit = TimeSpan.FromDays(30),
        StoreTimeout = TimeSpan.FromMilliseconds(200),
        ClaimTimeout = TimeSpan.FromSeconds(2),
    };

    /// <summary>The store as one process opens it.</summary>
    public IIdempotencyStore OpenStore()
    {
        if (_first is null || _kind.IsShared)
        {
            var store = _kind.Open(_directory, Time);
            _first ??= store;
            if (store is IDisposable disposable)
            {
                _opened.Add(disposable);
            }

            return _flaw(store);
        }

        return _flaw(_first);
    }

    /// <summary>A process: a guard, and the faults of its store.</summary>
    public (IdempotencyGuard Guard, FaultInjectingStore Faults) StartProcess(
        IdempotencyOptions? options = null, Microsoft.Extensions.Logging.ILoggerFactory? loggers = null)
    {
        var faults = new FaultInjectingStore(OpenStore(), Time);
        var guard = IdempotencyGuard.Create(faults, options ?? Options, Time, loggers);
        _opened.Add(guard);
        return (guard, faults);
    }

    /// <summary>Lets time pass until something has ended. Threads of the pool may have to go on first, so it is not too fast for them.</summary>
    public async Task PassUntilAsync(Task end)
    {
        using var impatience = new CancellationTokenSource(Patience);
        while (!end.IsCompleted)
        {
            impatience.Token.ThrowIfCancellationRequested();
            Time.Advance(s_step);
            await Task.WhenAny(end, Task.Delay(1, CancellationToken.None));
        }
    }

    /// <summary>What a call ended with.</summary>
    public async Task<Ending> EndingOfAsync(Task<int> call)
    {
        await PassUntilAsync(call);
        return await Ending.OfAsync(call);
    }

    /// <summary>Calls until the key is not taken: what goes on in the background needs its time, but far less than a lease.</summary>
    /// <param name="call">Makes the call.</param>
    /// <param name="isPatient">Whether it is expected to be answered; a planted flaw may take the key for ever.</param>
    public async Task<Ending> AskAsync(Func<Task<int>> call, bool isPatient = true)
    {
        using var impatience = new CancellationTokenSource(Patience);
        for (var step = 0; ; step++)
        {
            var ending = await EndingOfAsync(call());
            if (ending.Failure is not OperationInProgressException || impatience.IsCancellationRequested || (!isPatient && step == 50))
            {
                return ending;
            }

            Time.Advance(TimeSpan.FromSeconds(step < 1000 ? 1 : 0));
            await Task.Delay(1, CancellationToken.None);
        }
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // given back just now
        }
    }

    public void Dispose()
    {
        for (var i = _opened.Count - 1; i >= 0; i--)
        {
            _opened[i].Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>What a call ended with: a result, or what it threw.</summary>
internal sealed record Ending(int? Result, Exception? Failure)
{
    public static async Task<Ending> OfAsync(Task<int> call)
    {
        try
        {
            return new Ending(await call, null);
        }
        catch (Exception failure)
        {
            return new Ending(null, failure);
        }
    }

    public override string ToString() => Failure is null ? $"returned {Result}" : $"threw {Failure.GetType().Name}: {Failure.Message}";
}
