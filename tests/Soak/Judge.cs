namespace Idempotency.Soak;

/// <summary>Reads the journals of all processes and says what must not have happened. Knows nothing of the library.</summary>
public sealed class Judge(OnCrash onCrash)
{
    private readonly List<string> _violations = [];

    public IReadOnlyList<string> Violations => _violations;

    public int Effects { get; private set; }

    public int Starts { get; private set; }

    public int Calls { get; private set; }

    /// <summary>How many calls were told that another attempt had taken their key.</summary>
    public int Fenced { get; private set; }

    public int DoubleEffects { get; private set; }

    public int LostOutcomes { get; private set; }

    public int StuckKeys { get; private set; }

    public int InDoubt { get; private set; }

    /// <summary>How many calls were told that their outcome could not be stored.</summary>
    public int NotStored { get; private set; }

    /// <summary>How often the store did not answer, or could not be opened.</summary>
    public int Unavailable { get; private set; }

    /// <summary>Judges the keys of one round.</summary>
    /// <param name="lines">All that was journaled.</param>
    /// <param name="killed">The processes that were killed.</param>
    /// <param name="verdicts">What each key was found to be afterwards.</param>
    public void Hear(IReadOnlyList<JournalLine> lines, HashSet<string> killed, IReadOnlyDictionary<string, Verdict> verdicts)
    {
        Calls += lines.Count(static line => line.What is Journal.Returned or Journal.Failed or Journal.Refused);
        Fenced += lines.Count(static line => line.What == Journal.Fenced);
        NotStored += lines.Count(static line => line.What == Journal.NotStored);
        Unavailable += lines.Count(static line => line.What == Journal.Unavailable);
        foreach (var key in lines.Where(static line => line.Key != "-").GroupBy(static line => line.Key))
        {
            Hear(key.Key, [.. key], killed, verdicts[key.Key]);
        }
    }

    private void Hear(string key, List<JournalLine> lines, HashSet<string> killed, Verdict verdict)
    {
        var effects = lines.Where(static line => line.What == Journal.Effect).OrderBy(static line => line.At).ToList();
        var returned = lines.Where(static line => line.What == Journal.Returned).ToList();
        var starts = lines.Where(static line => line.What == Journal.Started).OrderBy(static line => line.Fence).ToList();
        Starts += starts.Count;
        Effects += effects.Count;
        InDoubt += verdict.IsInDoubt ? 1 : 0;

        bool WasFenced(JournalLine start) => lines.Exists(line => line.What == Journal.Fenced && line.Process == start.Process && line.Value == start.Value);

        bool WasCutShort(JournalLine start) =>
            killed.Contains(start.Process) && !lines.Exists(line => line.Process == start.Process && line.Value == start.Value && line.What is Journal.Returned or Journal.Failed);

        // An effect may be repeated only where its attempt was cut short or was told that its lease was lost, and never under Hold.
        var unexplained = onCrash == OnCrash.Hold
            ? effects.Count - 1
            : effects.Where(effect => !WasFenced(effect)).SkipLast(1).Count(effect => !WasCutShort(effect));
        if (unexplained > 0)
        {
            DoubleEffects++;
            Blame(key, $"has {effects.Count} effects; killed were {string.Join(", ", lines.Select(static line => line.Process).Distinct().Where(killed.Contains))}", lines);
        }

        if (starts.Select(static start => start.Fence).Distinct().Count() != starts.Count)
        {
            Blame(key, "was granted one fence twice", lines);
        }

        foreach (var (first, second) in starts.Zip(starts.Skip(1)))
        {
            // The last that is known of an attempt is its effect, or its start.
            var last = lines.Where(line => line.Process == first.Process && line.Value == first.Value && line.What is Journal.Started or Journal.Effect).Max(static line => line.At);
            if (second.At < last && !WasFenced(first))
            {
                Blame(key, $"had two bodies at once, with the fences {first.Fence} and {second.Fence}", lines);
            }
        }

        var values = returned.Select(static line => line.Value).Distinct().ToList();
        if (values.Count > 1)
        {
            Blame(key, "answered different results", lines);
        }

        if (values.Exists(value => !effects.Exists(effect => effect.Value == value)) || (verdict.Value is { } replayed && !effects.Exists(effect => effect.Value == replayed)))
        {
            Blame(key, "answered a result without an effect", lines);
        }

        if (values.Count > 0 && verdict.Value != values[0])
        {
            LostOutcomes++;
            Blame(key, $"answered {values[0]} and then {verdict}", lines);
        }

        if (verdict.IsStuck || (verdict.IsInDoubt && (onCrash == OnCrash.Retry || killed.Count == 0)))
        {
            StuckKeys++;
            Blame(key, $"is {verdict} for ever", lines);
        }

        if (lines.Exists(static line => line.What == Journal.Unreadable))
        {
            Blame(key, "was unreadable", lines);
        }
    }

    private void Blame(string key, string what, List<JournalLine> lines) =>
        _violations.Add($"Key {key} {what}:\n  {string.Join("\n  ", lines.OrderBy(static line => line.At).DistinctBy(static line => (line.Process, line.What, line.Value)))}");
}

/// <summary>What a key was found to be when everything had healed.</summary>
public sealed record Verdict(long? Value, bool IsInDoubt, bool IsStuck);
