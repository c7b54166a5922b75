using System.Text.Json;

namespace Idempotency.Soak;

/// <summary>What one process is told to do, on its command line.</summary>
public sealed record Workload
{
    public required string Store { get; init; }

    public required string Directory { get; init; }

    /// <summary>Where its journal goes; names the process.</summary>
    public required string Journal { get; init; }

    public OnCrash OnCrash { get; init; }

    public int Seed { get; init; }

    public int FirstKey { get; init; }

    public int Keys { get; init; } = 1;

    public int Callers { get; init; } = 2;

    /// <summary>How many calls each caller makes, if the process lives so long.</summary>
    public int Calls { get; init; } = 1000;

    /// <summary>The point to die at; empty for not at all, <c>time</c> for anywhere.</summary>
    public string KillAt { get; init; } = "";

    /// <summary>At which passing of the point, or after how many microseconds.</summary>
    public int KillAfter { get; init; }

    /// <summary>How often a body fails before its effect.</summary>
    public double FailureRate { get; init; } = 0.05;

    /// <summary>A fault that is planted, to see it found. See <see cref="FlawedStore"/>.</summary>
    public string Flaw { get; init; } = "";

    public string ToArgument() => JsonSerializer.Serialize(this);

    public static Workload Parse(string argument) => JsonSerializer.Deserialize<Workload>(argument)!;
}
