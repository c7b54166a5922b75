using System.Collections.Immutable;
using Idempotency.Generator;
using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Idempotency.CodeFixes.Tests.Infrastructure;

/// <summary>A project as an editor has it open: with its generated code, and with what the analyzer says.</summary>
internal sealed class Editor
{
    private readonly Project _project;

    private Editor(Project project) => _project = project;

    public static Editor Open(params string[] sources)
    {
        var compilation = Compile.From(sources);
        var project = new AdhocWorkspace().AddProject("Shop", LanguageNames.CSharp)
            .WithCompilationOptions(compilation.Options)
            .WithParseOptions(Compile.ParseOptions)
            .WithMetadataReferences(compilation.References)
            .AddAnalyzerReference(new GeneratorReference());
        foreach (var tree in compilation.SyntaxTrees)
        {
            project = project.AddDocument(tree.FilePath, tree.GetText(), filePath: tree.FilePath).Project;
        }

        foreach (var file in BuildProperties.In(compilation).AdditionalFiles)
        {
            project = project.AddAdditionalDocument(file.Path, file.GetText()!, filePath: file.Path).Project;
        }

        return new Editor(project);
    }

    /// <summary>The project with another text in the first of its sources.</summary>
    public Editor Type(string source) => new(DocumentNamed("Source0.cs").WithText(SourceText.From(source)).Project);

    /// <summary>The text of one of the sources.</summary>
    public async Task<string> TextAsync(int source = 0) => (await DocumentNamed($"Source{source}.cs").GetTextAsync()).ToString();

    /// <summary>What a text file of the project holds.</summary>
    public async Task<string> FileAsync(string path) => (await _project.AdditionalDocuments.Single(file => file.FilePath == path).GetTextAsync()).ToString();

    /// <summary>What the compiler and the analyzer have to say of a warning or worse, all of the code considered.</summary>
    public async Task<IReadOnlyList<Diagnostic>> ComplaintsAsync()
    {
        var compilation = (await _project.GetCompilationAsync())!;
        return [.. compilation.GetDiagnostics().Where(static diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning), .. await AnalyzeAsync()];
    }

    public async Task<ImmutableArray<Diagnostic>> AnalyzeAsync()
    {
        var compilation = (await _project.GetCompilationAsync())!;
        var options = new AnalyzerOptions(
            _project.AnalyzerOptions.AdditionalFiles, BuildProperties.In(compilation).AnalyzerConfigOptionsProvider);
        return await compilation.WithAnalyzers(Analyzers.All, options).GetAnalyzerDiagnosticsAsync();
    }

    /// <summary>The titles that a fix offers for all diagnostics of a rule, in order.</summary>
    public async Task<IReadOnlyList<string>> OfferedAsync(CodeFixProvider fix, string rule) =>
        [.. (await ActionsAsync(fix, rule)).Select(static action => action.Title)];

    /// <summary>The same for one of several places.</summary>
    public async Task<IReadOnlyList<string>> OfferedAsync(CodeFixProvider fix, Diagnostic diagnostic) =>
        [.. (await ActionsAsync(fix, diagnostic)).Select(static action => action.Title)];

    /// <summary>The project after the fix with this title, or after the only one.</summary>
    public async Task<Editor> FixAsync(CodeFixProvider fix, string rule, string? title = null) =>
        await ChooseAsync(await ActionsAsync(fix, rule), title);

    /// <summary>The same for one of several places.</summary>
    public async Task<Editor> FixAsync(CodeFixProvider fix, Diagnostic diagnostic, string title) =>
        await ChooseAsync(await ActionsAsync(fix, diagnostic), title);

    /// <summary>Applies each edit that is offered, whatever comes of it, and counts them.</summary>
    public async Task<int> TryAllAsync(CodeFixProvider fix, Diagnostic diagnostic)
    {
        var actions = await ActionsAsync(fix, diagnostic);
        foreach (var action in actions)
        {
            await ApplyAsync(action);
        }

        return actions.Count;
    }

    /// <summary>The project after everything of a rule is fixed at once.</summary>
    public async Task<Editor> FixAllAsync(CodeFixProvider fix, string rule)
    {
        var found = await AnalyzeAsync();
        var document = _project.GetDocument(found.First(diagnostic => diagnostic.Id == rule).Location.SourceTree)!;
        var all = new FixAllContext(
            document, fix, FixAllScope.Project, fix.GetType().Name, [rule], new FoundDiagnostics(found, _project), CancellationToken.None);
        return await ApplyAsync((await fix.GetFixAllProvider()!.GetFixAsync(all))!);
    }

    /// <summary>A diagnostic by hand, at the first place with this name.</summary>
    public async Task<Diagnostic> ReportAsync(string rule, string at)
    {
        var tree = (await DocumentNamed("Source0.cs").GetSyntaxTreeAsync())!;
        var token = tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>()
            .First(method => method.Identifier.ValueText.StartsWith(at, StringComparison.Ordinal)).Identifier;
        var descriptor = new DiagnosticDescriptor(rule, rule, rule, "Idempotency", DiagnosticSeverity.Warning, isEnabledByDefault: true);
        return Diagnostic.Create(descriptor, token.GetLocation());
    }

    private async Task<Editor> ApplyAsync(CodeAction action)
    {
        var operations = await action.GetOperationsAsync(CancellationToken.None);
        var changed = Assert.IsType<ApplyChangesOperation>(Assert.Single(operations)).ChangedSolution;
        return new Editor(changed.GetProject(_project.Id)!);
    }

    private Task<Editor> ChooseAsync(IReadOnlyList<CodeAction> actions, string? title) =>
        ApplyAsync(title is null ? Assert.Single(actions) : Assert.Single(actions, action => action.Title == title));

    private async Task<IReadOnlyList<CodeAction>> ActionsAsync(CodeFixProvider fix, string rule)
    {
        var actions = new List<CodeAction>();
        foreach (var diagnostic in (await AnalyzeAsync()).Where(diagnostic => diagnostic.Id == rule).OrderBy(static diagnostic => diagnostic.Location.SourceSpan.Start))
        {
            actions.AddRange(await ActionsAsync(fix, diagnostic));
        }

        return actions;
    }

    private async Task<IReadOnlyList<CodeAction>> ActionsAsync(CodeFixProvider fix, Diagnostic diagnostic)
    {
        Assert.Contains(diagnostic.Id, fix.FixableDiagnosticIds);
        var actions = new List<CodeAction>();
        TextDocument document = _project.GetDocument(diagnostic.Location.SourceTree)
            ?? _project.AdditionalDocuments.Single(file => file.FilePath == diagnostic.Location.GetLineSpan().Path);
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
        return actions;
    }

    private Document DocumentNamed(string name) => _project.Documents.Single(document => document.Name == name);

    private sealed class GeneratorReference : AnalyzerReference
    {
        private static readonly ImmutableArray<ISourceGenerator> s_generators = [new IdempotentGenerator().AsSourceGenerator()];

        public override string? FullPath => null;

        public override object Id => nameof(GeneratorReference);

        public override ImmutableArray<DiagnosticAnalyzer> GetAnalyzers(string language) => [];

        public override ImmutableArray<DiagnosticAnalyzer> GetAnalyzersForAllLanguages() => [];

        public override ImmutableArray<ISourceGenerator> GetGenerators(string language) => s_generators;
    }

    private sealed class FoundDiagnostics(ImmutableArray<Diagnostic> found, Project project) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project wanted, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(found);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            Task.FromResult(found.Where(diagnostic => project.GetDocument(diagnostic.Location.SourceTree)?.Id == document.Id));

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project wanted, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
