namespace Idempotency.Benchmarks.Reporting;

/// <summary>A table whose rows are written as they come.</summary>
internal sealed class Table
{
    public Table(params string[] columns)
    {
        Row(columns);
        Row([.. columns.Select(static _ => "---")]);
    }

    public void Row(params string[] cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");

    /// <summary>Ends it: what comes next is a paragraph.</summary>
    public void End() => Console.WriteLine();
}
