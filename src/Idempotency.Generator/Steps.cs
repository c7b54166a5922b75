namespace Idempotency.Generator;

/// <summary>The names of the pipeline's steps, by which tests ask what an edit made run again.</summary>
public static class Steps
{
    /// <summary>One annotated method, from symbols to plain data.</summary>
    public const string Parsed = nameof(Parsed);

    /// <summary>All annotated methods of one type: what one generated file is made from.</summary>
    public const string Grouped = nameof(Grouped);
}
