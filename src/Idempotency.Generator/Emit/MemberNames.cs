using Idempotency.Generator.Model;

namespace Idempotency.Generator.Emit;

/// <summary>The names of the members that are generated into a type, one for each method.</summary>
internal sealed class MemberNames
{
    private readonly string[] _members;

    public MemberNames(TypeModel type, IReadOnlyCollection<GuardedMethod> methods)
    {
        // A parameter would hide a member of its name, and so would the locals of the generated methods.
        Scope = new NameScope(type.TakenNames.Concat(methods.SelectMany(MethodEmitter.NamesIn)).Concat(["__key", "__state", "__context"]));
        _members = [.. methods.Select(method => Scope.Next("__" + CamelCase(method.Signature.Name)))];
        All = new HashSet<string>(_members, StringComparer.Ordinal);
    }

    public NameScope Scope { get; }

    public HashSet<string> All { get; }

    public string Of(int method) => _members[method];

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name.Substring(1);
}
