using System.Globalization;
using Idempotency;

namespace WebApi;

/// <summary>What the command line asks for.</summary>
public sealed record Arguments
{
    private static readonly TimeSpan s_leastLease = TimeSpan.FromMilliseconds(1);

    /// <summary>The store: memory, file, redis or postgres.</summary>
    public string Store { get; init; } = "memory";

    /// <summary>The store's server or folder; a usual one when absent.</summary>
    public string? Address { get; init; }

    /// <summary>Where HTTP/1.1 is spoken, and the page is; any free port when 0.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>Where HTTP/2 is spoken, without TLS; any free port when 0.</summary>
    public int Http2Port { get; init; } = 5081;

    /// <summary>The file of the ledger, which several processes may share; a new one when absent.</summary>
    public string? Ledger { get; init; }

    /// <summary>How long a charge takes until the money is taken: long enough to click twice, or to cut the connection.</summary>
    public TimeSpan Takes { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How long it takes from there until the answer.</summary>
    public TimeSpan AnswersAfter { get; init; }

    /// <summary>
    /// How long another process waits after one has died. It is also what <c>Retry-After</c> promises at most, so it is short here: nobody likes to
    /// watch a page for the 30 seconds that are the library's default.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What becomes of a charge whose process has died.</summary>
    public OnCrash OnCrash { get; init; }

    /// <summary>Reads a command line: pairs of an option and its value, in any order.</summary>
    /// <returns>What it says, or <see langword="null"/> when it says nothing, or something twice.</returns>
    public static Arguments? Parse(params string[] args)
    {
        var arguments = new Arguments();
        var said = new HashSet<string>();
        foreach (var pair in args.Chunk(2))
        {
            if (pair is not [var option, var value] || !said.Add(option) || arguments.With(option, value) is not { } more)
                return null;

            arguments = more;
        }

        return arguments is { Store: "memory", Address: not null } ? null : arguments; // a memory is at no address
    }

    private Arguments? With(string option, string value) => option switch
    {
        "--store" when Stores.Names.Contains(value) => this with { Store = value },
        "--at" => this with { Address = value },
        "--port" when Number(value) is { } port => this with { Port = port },
        "--http2-port" when Number(value) is { } port => this with { Http2Port = port },
        "--ledger" => this with { Ledger = value },
        "--takes" when Seconds(value) is { } time => this with { Takes = time },
        "--answers-after" when Seconds(value) is { } time => this with { AnswersAfter = time },
        "--lease" when Seconds(value) is { } time && time >= s_leastLease => this with { Lease = time },
        "--on-crash" when value is "retry" => this with { OnCrash = OnCrash.Retry },
        "--on-crash" when value is "hold" => this with { OnCrash = OnCrash.Hold },
        _ => null,
    };

    private static int? Number(string value) => ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static TimeSpan? Seconds(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 3600 ? TimeSpan.FromSeconds(seconds) : null;
}
