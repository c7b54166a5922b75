using System.Text;

namespace Idempotency.Testing;

/// <summary>
/// Looks for an order of one key's calls that explains every answer (Wing and Gong), and remembers which calls led to which state, so
/// that no way is gone twice (Lowe).
/// </summary>
internal sealed class LinearizabilitySearch
{
    private const int Shown = 12;

    private readonly StoreSpecification _specification;
    private readonly SpecCall[] _known;
    private readonly SpecCall[] _unknown;
    private readonly Dictionary<Configuration, (Configuration? From, SpecCall? Call)> _seen = [];
    private readonly Stack<Configuration> _open = new();

    public LinearizabilitySearch(IEnumerable<SpecCall> calls, StoreSpecification specification)
    {
        _specification = specification;
        var ordered = calls.OrderBy(static call => call.CalledAt).ThenBy(static call => call.Entry.CallOrder).ToList();
        _known = [.. ordered.Where(static call => call.IsKnown)];
        _unknown = [.. ordered.Where(static call => !call.IsKnown)];
    }

    public int Steps { get; private set; }

    /// <summary>What was explained of a history that could not be explained whole.</summary>
    public string Excerpt { get; private set; } = "";

    public LinearizabilityVerdict Run(int maxSteps)
    {
        var furthest = new Configuration(0, "", "", SpecState.Absent(lastFence: 0));
        Reach(furthest, null, null);
        while (_open.TryPop(out var reached))
        {
            if (reached.Floor == _known.Length)
            {
                return LinearizabilityVerdict.Linearizable;
            }

            if (++Steps > maxSteps)
            {
                return LinearizabilityVerdict.Undetermined;
            }

            furthest = reached.Count > furthest.Count ? reached : furthest;
            Expand(reached);
        }

        Excerpt = Describe(furthest);
        return LinearizabilityVerdict.NotLinearizable;
    }

    private void Expand(Configuration origin)
    {
        var next = NextCalls(origin);

        // What has an answer first, the soonest answered of all; what has none is needed only where nothing else explains an answer.
        var (earliest, latest) = (LatestCall(origin), next.Min(index => _known[index].ReturnedAt));
        foreach (var index in PendingUnknown(origin, next))
        {
            // It comes after all that are done, and before all that are left: that says when, where it does not say so itself.
            foreach (var state in _specification.Step(origin.State, _unknown[index].Within(earliest, latest)).Where(state => state != origin.State))
            {
                Reach(origin with { Unknown = string.Concat(origin.Unknown.Append((char)index).Order()), State = state }, origin, _unknown[index]);
            }
        }

        foreach (var index in next.OrderByDescending(index => _known[index].ReturnedAt).ThenByDescending(index => _known[index].Entry.ReturnOrder))
        {
            var (floor, beyond) = Advance(origin, index);
            foreach (var state in _specification.Step(origin.State, _known[index]))
            {
                Reach(new Configuration(floor, beyond, origin.Unknown, state), origin, _known[index]);
            }
        }
    }

    private void Reach(Configuration configuration, Configuration? origin, SpecCall? call)
    {
        if (_seen.TryAdd(configuration, (origin, call)))
        {
            _open.Push(configuration);
        }
    }

    /// <summary>The calls with an answer that can take effect next: those that began before any other that is left had ended.</summary>
    private List<int> NextCalls(Configuration origin)
    {
        var next = new List<int>();
        SpecCall? soonest = null;
        for (var index = origin.Floor; index < _known.Length; index++)
        {
            var call = _known[index];
            if (soonest is not null && soonest.Precedes(call))
            {
                break; // and so it precedes all that began later
            }

            if (origin.Beyond.Contains((char)(index - origin.Floor), StringComparison.Ordinal))
            {
                continue;
            }

            next.Add(index);
            if (soonest is null || call.ReturnedAt < soonest.ReturnedAt
                || (call.ReturnedAt == soonest.ReturnedAt && call.Entry.ReturnOrder < soonest.Entry.ReturnOrder))
            {
                soonest = call;
            }
        }

        next.RemoveAll(index => soonest!.Precedes(_known[index]));
        return next;
    }

    /// <summary>When the last of the calls began that are done. They are in the order of their beginning.</summary>
    private long LatestCall(Configuration origin) => (origin.Floor, origin.Beyond) switch
    {
        (var floor, { Length: > 0 } beyond) => _known[floor + beyond[^1]].CalledAt,
        ( > 0 and var floor, _) => _known[floor - 1].CalledAt,
        _ => 0,
    };

    private IEnumerable<int> PendingUnknown(Configuration origin, List<int> next)
    {
        for (var index = 0; index < _unknown.Length; index++)
        {
            if (!origin.Unknown.Contains((char)index, StringComparison.Ordinal) && !next.Exists(known => _known[known].Precedes(_unknown[index])))
            {
                yield return index;
            }
        }
    }

    /// <summary>Marks a call as done: the floor is the first that is not, and beyond it are those that are, counted from the floor.</summary>
    private static (int Floor, string Beyond) Advance(Configuration origin, int index)
    {
        var done = origin.Beyond.Select(offset => origin.Floor + offset).Append(index).ToHashSet();
        var floor = origin.Floor;
        while (done.Remove(floor))
        {
            floor++;
        }

        return (floor, string.Concat(done.Order().Select(left => (char)(left - floor))));
    }

    private string Describe(Configuration furthest)
    {
        var path = new Stack<SpecCall>();
        for (var at = furthest; _seen[at] is { From: { } origin, Call: { } call }; at = origin)
        {
            path.Push(call);
        }

        var text = new StringBuilder();
        text.AppendLine(path.Count > Shown ? $"  {path.Count - Shown} calls, and then" : "  from the beginning");
        foreach (var call in path.Skip(path.Count - Shown))
        {
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"    {call.Entry}");
        }

        text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"  lead to: {furthest.State}");
        text.AppendLine("  and none of these can be what happened next:");
        foreach (var index in NextCalls(furthest))
        {
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"    {_known[index].Entry}");
        }

        return text.ToString();
    }

    /// <summary>Which calls have taken effect, and where that led.</summary>
    private sealed record Configuration(int Floor, string Beyond, string Unknown, SpecState State)
    {
        public int Count => Floor + Beyond.Length;
    }
}
