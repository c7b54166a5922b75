using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>The generator, run on some source, and again on an edit of it.</summary>
internal sealed class GeneratorRun
{
    private readonly GeneratorDriver _driver;
    private readonly Compilation _input;

    private GeneratorRun(GeneratorDriver driver, Compilation compilation)
    {
        _input = compilation;
        _driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out _);
        Output = output;
    }

    /// <summary>The user's code together with the generated.</summary>
    public Compilation Output { get; }

    public GeneratorRunResult Result => _driver.GetRunResult().Results.Single(static result => result.Generator.GetGeneratorType() == typeof(IdempotentGenerator));

    /// <summary>Whether any method got a guard.</summary>
    public bool HasGuards => Result.GeneratedSources.Any(static source => source.SourceText.ToString().Contains("GeneratedCall", StringComparison.Ordinal));

    public static GeneratorRun On(params string[] sources) => On(Compile.From(sources));

    public static GeneratorRun On(DocumentationMode documentation, string source) =>
        On(Compile.From(source).WithParseOptions(Compile.ParseOptions.WithDocumentationMode(documentation)));

    public static GeneratorRun On(Compilation compilation, params ISourceGenerator[] others) => new(
        CSharpGeneratorDriver.Create(
            [new IdempotentGenerator().AsSourceGenerator(), .. JsonGenerator.For(compilation), .. others],
            parseOptions: (CSharpParseOptions)compilation.SyntaxTrees.First().Options,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true)),
        compilation);

    public GeneratorRun ThenOn(params string[] sources) => new(_driver, Compile.From(sources));

    /// <summary>The generator after an edit of the last file, as an editor asks: nothing else is read anew.</summary>
    public GeneratorRun ThenOnEdit(string source)
    {
        var edited = _input.SyntaxTrees.Last();
        return new(_driver, _input.ReplaceSyntaxTree(edited, Compile.Tree(source, edited.FilePath)));
    }

    /// <summary>Why each output of a step was made, or kept.</summary>
    public IEnumerable<IncrementalStepRunReason> Reasons(string step) =>
        Result.TrackedSteps.TryGetValue(step, out var runs) ? runs.SelectMany(static run => run.Outputs).Select(static output => output.Reason) : [];

    /// <summary>What a step keeps until the next run.</summary>
    public IEnumerable<object> Kept(string step) => Result.TrackedSteps[step].SelectMany(static run => run.Outputs).Select(static output => output.Value);

    /// <summary>What the compiler has to say of a warning or worse, about all of the code.</summary>
    public IReadOnlyList<Diagnostic> Complaints => [.. Output.GetDiagnostics().Where(static diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];

    /// <summary>What it has to say of generated code, and errors anywhere.</summary>
    public IReadOnlyList<Diagnostic> ComplaintsAboutGenerated => [.. Complaints.Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error
        || diagnostic.Location.SourceTree?.FilePath.EndsWith(".Idempotent.g.cs", StringComparison.Ordinal) == true)];

    /// <summary>What the analyzers say, in order of place.</summary>
    public async Task<IReadOnlyList<Diagnostic>> AnalyzeAsync()
    {
        var failures = new ConcurrentQueue<Exception>();
        var options = new CompilationWithAnalyzersOptions(
            BuildProperties.In(Output), (failure, _, _) => failures.Enqueue(failure), concurrentAnalysis: true, logAnalyzerExecutionTime: false);
        var found = await Output.WithAnalyzers(Analyzers.All, options).GetAnalyzerDiagnosticsAsync();
        Assert.Empty(failures);
        return [.. found.OrderBy(static d => d.Location.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(static d => d.Location.SourceSpan.Start)];
    }
}
