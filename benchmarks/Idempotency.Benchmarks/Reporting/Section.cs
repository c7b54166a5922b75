namespace Idempotency.Benchmarks.Reporting;

/// <summary>A section of the report while it is measured: what is known is written at once.</summary>
/// <param name="name">What its plots' files begin with.</param>
/// <param name="plots">The folder of its plots; <see langword="null"/> to draw none.</param>
/// <param name="isFull">Whether everything is measured, however long it takes.</param>
internal sealed class Section(string name, string? plots, bool isFull)
{
    private int _plots;

    public bool IsFull => isFull;

    /// <summary>Writes a paragraph.</summary>
    public void Say(string text)
    {
        Console.WriteLine(text);
        Console.WriteLine();
    }

    /// <summary>Begins a table, which <see cref="Table.End"/> or a plot ends.</summary>
    public Table Begin(params string[] columns) => new(columns);

    public void Show(LinePlot plot)
    {
        Console.WriteLine();
        if (plots is null)
        {
            return;
        }

        var file = _plots++ == 0 ? $"{name}.svg" : $"{name}-{_plots}.svg";
        File.WriteAllText(Path.Combine(plots, file), plot.ToSvg());
        Say($"![{plot.Title}]({Path.GetFileName(plots)}/{file})");
    }
}
