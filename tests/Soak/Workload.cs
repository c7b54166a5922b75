using System.Globalization;
using System.Reflection;
using Idempotency.Storage;

namespace Idempotency.Soak;

/// <summary>What one process is told to do, on its command line.</summary>
public sealed record Workload
{
    /// <summary>The point before the first call.</summary>
    public const string Begin = "begin";

    private static readonly PropertyInfo[] s_properties = typeof(Workload).GetProperties();

    public Role Role { get; init; }

    public required string Store { get; init; }

    public required string Directory { get; init; }

    /// <summary>Where its journal goes; names the process.</summary>
    public required string Journal { get; init; }

    public OnCrash OnCrash { get; init; }

    public int Seed { get; init; }

    public int FirstKey { get; init; }

    /// <summary>How many keys are called at a time, in any order.</summary>
    public int Keys { get; init; } = 1;

    /// <summary>After how many calls a caller leaves these keys for the next ones; never by default.</summary>
    public int CallsPerKeys { get; init; } = int.MaxValue;

    public int Callers { get; init; } = 2;

    /// <summary>How many calls each caller makes, if the process lives so long.</summary>
    public int Calls { get; init; } = 1000;

    /// <summary>How many of the callers wait when a key is busy.</summary>
    public double WaitRate { get; init; } = 0.5;

    /// <summary>How long they wait.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a store that does not answer is asked again.</summary>
    public TimeSpan ClaimTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a claim lasts, where it has an end; the default when absent.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>Whether bodies and callers pause now and then, for as long as chance says.</summary>
    public bool IsUneven { get; init; }

    /// <summary>Whether its store does nothing by itself, so that a process that rests at a point holds no lock that others need.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Where it finds the store's server, if not where it is: at a proxy.</summary>
    public int? ServerPort { get; init; }

    /// <summary>
    /// Whether it makes its calls until it reads a line, says so when the last has returned, and lives on until it reads another: what
    /// its guard does in the background goes on meanwhile.
    /// </summary>
    public bool GoesOnUntilTold { get; init; }

    /// <summary>The point at which its <see cref="Fate"/> comes; empty for none, <c>time</c> for anywhere.</summary>
    public string FaultAt { get; init; } = "";

    /// <summary>At which passing of the point, or after how many microseconds.</summary>
    public int FaultAfter { get; init; }

    public Fate Fate { get; init; }

    /// <summary>How often a body fails before its effect.</summary>
    public double FailureRate { get; init; } = 0.05;

    /// <summary>A fault that is planted, to see it found. See <see cref="FlawedStore"/>.</summary>
    public string Flaw { get; init; } = "";

    /// <summary>A line for each property, which is read in no time: to set a serializer up takes a good part of the tenth of a second that a process lives.</summary>
    public string ToArgument() =>
        string.Join('\n', s_properties.Select(property => string.Create(CultureInfo.InvariantCulture, $"{property.Name}={property.GetValue(this)}")));

    public static Workload Parse(string argument)
    {
        var work = new Workload { Store = "", Directory = "", Journal = "" }; // as the lines say
        foreach (var (property, line) in s_properties.Zip(argument.Split('\n')))
        {
            property.SetValue(work, Value(property.PropertyType, line[(property.Name.Length + 1)..]));
        }

        return work;
    }

    /// <summary>The store it is done with, its planted fault included; what has to be closed is the first.</summary>
    internal (IIdempotencyStore Opened, IIdempotencyStore Used) OpenStore()
    {
        var opened = StoreUnderTest.Named(Store).Open(Directory, IsQuiet ? new ClockWithoutTimers() : TimeProvider.System);
        return (opened, Flaw.Length > 0 ? new FlawedStore(opened, Flaw) : opened);
    }

    private static object? Value(Type type, string text) =>
        Nullable.GetUnderlyingType(type) is { } present ? (text.Length == 0 ? null : Value(present, text))
        : type.IsEnum ? Enum.Parse(type, text)
        : type == typeof(TimeSpan) ? TimeSpan.Parse(text, CultureInfo.InvariantCulture)
        : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);

    private sealed class ClockWithoutTimers : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}

/// <summary>The kinds of work.</summary>
public enum Role
{
    /// <summary>Guarded calls.</summary>
    Victim,

    /// <summary>Claims of one key as fast as they go, and a count of its owners.</summary>
    Contender,

    /// <summary>Guarded calls in a process whose thread pool is blocked and whose memory is never enough.</summary>
    Starving,

    /// <summary>A file that is put on the disk, in each of the ways there are.</summary>
    Syncing,
}
