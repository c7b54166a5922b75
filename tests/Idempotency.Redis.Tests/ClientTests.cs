using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Idempotency.Redis.Tests;

/// <summary>The package is built against an old client, and an application may bring the current one: it has every member that is called here.</summary>
public sealed class ClientTests
{
    private const string Client = "StackExchange.Redis";

    [Fact]
    public void Every_member_that_is_called_is_in_the_current_client_with_the_same_signature()
    {
        using var store = Open(typeof(RedisStore).Assembly.Location);
        using var current = Open(Path.Combine(AppContext.BaseDirectory, "current", $"{Client}.dll"));
        var there = Defined(current.GetMetadataReader()).ToHashSet(StringComparer.Ordinal);

        var called = Called(store.GetMetadataReader()).ToList();

        Assert.InRange(called.Count, 20, int.MaxValue);
        var missing = string.Join('\n', called.Where(member => !there.Contains(member)));
        Assert.True(missing.Length == 0, $"Not in the current client:\n{missing}");
    }

    [Fact]
    public void A_member_that_is_not_there_is_found()
    {
        using var old = Open(typeof(StackExchange.Redis.ConnectionMultiplexer).Assembly.Location);
        using var current = Open(Path.Combine(AppContext.BaseDirectory, "current", $"{Client}.dll"));

        Assert.NotEmpty(Defined(old.GetMetadataReader()).Except(Defined(current.GetMetadataReader())));
    }

    private static PEReader Open(string path) => new(File.OpenRead(path));

    /// <summary>Members of the client that an assembly refers to.</summary>
    private static IEnumerable<string> Called(MetadataReader reader)
    {
        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference && IsOfClient(reader, reader.GetTypeReference((TypeReferenceHandle)member.Parent)))
            {
                var signature = member.GetKind() == MemberReferenceKind.Method
                    ? Say(member.DecodeMethodSignature(SignatureText.Instance, null))
                    : member.DecodeFieldSignature(SignatureText.Instance, null);
                yield return $"{SignatureText.Instance.GetTypeFromReference(reader, (TypeReferenceHandle)member.Parent, 0)}.{reader.GetString(member.Name)} {signature}";
            }
        }
    }

    private static IEnumerable<string> Defined(MetadataReader reader)
    {
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var name = SignatureText.Instance.GetTypeFromDefinition(reader, handle, 0);
            foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
            {
                yield return $"{name}.{reader.GetString(method.Name)} {Say(method.DecodeSignature(SignatureText.Instance, null))}";
            }

            foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
            {
                yield return $"{name}.{reader.GetString(field.Name)} {field.DecodeSignature(SignatureText.Instance, null)}";
            }
        }
    }

    private static bool IsOfClient(MetadataReader reader, TypeReference type) => type.ResolutionScope.Kind switch
    {
        HandleKind.AssemblyReference => reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) == Client,
        HandleKind.TypeReference => IsOfClient(reader, reader.GetTypeReference((TypeReferenceHandle)type.ResolutionScope)),
        _ => false,
    };

    private static string Say(MethodSignature<string> signature) => $"({string.Join(", ", signature.ParameterTypes)}) : {signature.ReturnType}";
}
