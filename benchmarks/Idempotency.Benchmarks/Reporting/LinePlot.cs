using System.Globalization;
using System.Net;
using System.Text;

namespace Idempotency.Benchmarks.Reporting;

/// <summary>Lines over two logarithmic axes, as an SVG that needs nothing else.</summary>
internal sealed record LinePlot(string Title, string X, string Y)
{
    private const int Width = 760, Height = 420, Left = 80, Right = 230, Top = 44, Bottom = 56;
    private static readonly string[] s_colors = ["#1b6ac9", "#d1495b", "#2e933c", "#8e5ea2", "#e08e0b", "#00798c", "#6b705c", "#b5179e"];

    /// <summary>The points of each line, by its name.</summary>
    public required IReadOnlyDictionary<string, (double X, double Y)[]> Lines { get; init; }

    public string ToSvg()
    {
        var points = Lines.Values.SelectMany(static line => line).ToArray();
        var (across, up) = (new Axis(points.Select(static point => point.X), Left, Width - Right), new Axis(points.Select(static point => point.Y), Height - Bottom, Top));
        var svg = new StringBuilder();
        Append(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="13" fill="#333">""");
        Append(svg, $"""<rect width="{Width}" height="{Height}" fill="#fff"/>""");
        Append(svg, $"""<text x="{Left}" y="24" font-size="15" font-weight="bold">{WebUtility.HtmlEncode(Title)}</text>""");
        foreach (var value in points.Select(static point => point.X).Distinct())
        {
            Append(svg, $"""<line x1="{across.Of(value):0.#}" x2="{across.Of(value):0.#}" y1="{Top}" y2="{Height - Bottom}" stroke="#eee"/>""");
            Append(svg, $"""<text x="{across.Of(value):0.#}" y="{Height - Bottom + 20}" text-anchor="middle">{Short(value)}</text>""");
        }

        foreach (var value in up.Ticks())
        {
            Append(svg, $"""<line x1="{Left}" x2="{Width - Right}" y1="{up.Of(value):0.#}" y2="{up.Of(value):0.#}" stroke="#ddd"/>""");
            Append(svg, $"""<text x="{Left - 8}" y="{up.Of(value) + 4:0.#}" text-anchor="end">{Short(value)}</text>""");
        }

        Append(svg, $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 14}" text-anchor="middle">{WebUtility.HtmlEncode(X)}</text>""");
        Append(svg, $"""<text transform="translate(20 {(Top + Height - Bottom) / 2}) rotate(-90)" text-anchor="middle">{WebUtility.HtmlEncode(Y)}</text>""");
        foreach (var (index, (name, line)) in Lines.Where(static line => line.Value.Length > 0).OrderByDescending(static line => line.Value[^1].Y).Index())
        {
            var color = s_colors[index % s_colors.Length];
            var path = string.Join(' ', line.Select(point => string.Create(CultureInfo.InvariantCulture, $"{across.Of(point.X):0.#},{up.Of(point.Y):0.#}")));
            Append(svg, $"""<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>""");
            foreach (var point in line)
            {
                Append(svg, $"""<circle cx="{across.Of(point.X):0.#}" cy="{up.Of(point.Y):0.#}" r="3" fill="{color}"/>""");
            }

            Append(svg, $"""<rect x="{Width - Right + 14}" y="{Top + 2 + (index * 22)}" width="14" height="4" fill="{color}"/>""");
            Append(svg, $"""<text x="{Width - Right + 34}" y="{Top + 9 + (index * 22)}">{WebUtility.HtmlEncode(name.Replace("`", "", StringComparison.Ordinal))}</text>""");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Append(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Short(double value) => value switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##}M"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0.##}k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.##}"),
    };

    /// <summary>Where values are between two edges, the least at the first.</summary>
    private readonly struct Axis(IEnumerable<double> values, double first, double last)
    {
        private readonly double _least = Math.Log10(values.Min()) - 0.05, _greatest = Math.Log10(values.Max()) + 0.05;

        public double Of(double value) => first + ((Math.Log10(value) - _least) / (_greatest - _least) * (last - first));

        /// <summary>One, two and five of every power of ten.</summary>
        public IEnumerable<double> Ticks()
        {
            var (least, greatest) = (_least, _greatest);
            return Enumerable.Range((int)Math.Floor(least), (int)Math.Ceiling(greatest - least) + 2)
                .SelectMany(static power => new[] { 1, 2, 5 }, static (power, times) => times * Math.Pow(10, power))
                .Where(tick => Math.Log10(tick) >= least && Math.Log10(tick) <= greatest);
        }
    }
}
