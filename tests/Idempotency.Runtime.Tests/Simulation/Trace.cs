using System.Runtime.CompilerServices;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>What happened, one line each, with virtual times. Lines are only made for a seed that is told again.</summary>
internal sealed class Trace(TimeProvider time, bool isOn)
{
    private readonly List<string> _lines = [];
    private readonly Dictionary<OwnerToken, int> _tokens = [];

    public bool IsOn => isOn;

    public IReadOnlyList<string> Lines => _lines;

    public void Add([InterpolatedStringHandlerArgument("")] ref Line line)
    {
        if (isOn)
        {
            _lines.Add(FormattableString.Invariant($"{TimeSpan.FromTicks(time.GetTimestamp()).TotalMilliseconds,9:0.00} ms  ") + line.Text.ToStringAndClear());
        }
    }

    /// <summary>A token's number, in the order in which tokens are first seen: its bits differ from run to run.</summary>
    public int NumberOf(OwnerToken token)
    {
        _tokens.TryAdd(token, _tokens.Count + 1);
        return _tokens[token];
    }

    [InterpolatedStringHandler]
    public ref struct Line
    {
        public DefaultInterpolatedStringHandler Text;
        private readonly Trace _trace;

        public Line(int literalLength, int formattedCount, Trace trace, out bool isOn)
        {
            _trace = trace;
            isOn = trace.IsOn;
            Text = isOn ? new(literalLength, formattedCount) : default;
        }

        public void AppendLiteral(string text) => Text.AppendLiteral(text);

        public void AppendFormatted(OwnerToken token) => Text.AppendFormatted($"#{_trace.NumberOf(token)}");

        public void AppendFormatted(TimeSpan duration) => Text.AppendFormatted(FormattableString.Invariant($"{duration.TotalMilliseconds:0.##} ms"));

        public void AppendFormatted<T>(T value) => Text.AppendFormatted(value);
    }
}
