using Microsoft.CodeAnalysis.Editing;

namespace Idempotency.CodeFixes;

/// <summary>One way to mend one diagnostic: what the user reads, and what happens.</summary>
internal sealed class Edit(string title, Action<SyntaxEditor> apply)
{
    public string Title => title;

    public void Apply(SyntaxEditor editor) => apply(editor);
}
