using System.Globalization;
using Idempotency.Generator.Model;

namespace Idempotency.Generator.Parsing;

/// <summary>Reads <c>"250ms"</c>, <c>"30s"</c>, <c>"5m"</c>, <c>"24h"</c>, <c>"7d"</c> and <c>"1.00:00:00"</c>, in every culture alike.</summary>
internal static class DurationParser
{
    private static readonly (string Unit, long Ticks)[] s_units =
    [
        ("ms", TimeSpan.TicksPerMillisecond), // before "s", which it ends with
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
        ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>How many days an argument of the attribute may say: as many as a description made by hand.</summary>
    public static int MostDays(string argument) => argument == "Ttl" ? 3650 : 1;

    /// <summary>The duration, or null where the text is none or it is not from one millisecond to <paramref name="mostDays"/>.</summary>
    public static DurationModel? Parse(string text, int mostDays)
    {
        foreach (var (unit, ticks) in s_units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                var number = text.Substring(0, text.Length - unit.Length);

                // The framework's parser lets zero characters follow a number, whatever its style.
                return number.IndexOf('\0') < 0 && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= long.MaxValue / ticks
                    ? InRange(count * ticks, mostDays, text)
                    : null;
            }
        }

        // A bare number would be days to TimeSpan and seconds to most people; white space would have no meaning.
        return text.IndexOf(':') >= 0 && text.Trim() == text && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span)
            ? InRange(span.Ticks, mostDays, text)
            : null;
    }

    private static DurationModel? InRange(long ticks, int mostDays, string text) =>
        ticks >= TimeSpan.TicksPerMillisecond && ticks <= mostDays * TimeSpan.TicksPerDay ? new DurationModel(ticks, text) : null;
}
