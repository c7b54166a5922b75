using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>Calls without a key must not share one.</summary>
public sealed class MissingKeyTests
{
    [Fact]
    public void Null_and_empty_texts_are_no_key_however_they_are_framed()
    {
        Refused(static (ref key) => key.AddNull());
        Refused(static (ref key) => key.Add(""));
        Refused(static (ref key) => key.Add(new Uri("", UriKind.Relative)));
        Refused(static (ref key) => key.AddPart(new CustomerId(null)));
        Refused(static (ref key) => key.AddPart(new CustomerId("")));
        Refused(static (ref key) =>
        {
            key.AddType(typeof(int)); // a type alone is no key
            key.BeginObject(2);
            key.AddNull();
            key.Add("");
        });
        Refused(static (ref key) =>
        {
            key.AddNull();
            key.BeginFingerprint();
            key.Add("an argument that is not in the key");
        });
    }

    [Fact]
    public void Anything_else_is_a_key_be_it_as_empty_as_zero()
    {
        Accepted(static (ref key) => key.Add(0));
        Accepted(static (ref key) => key.Add(false));
        Accepted(static (ref key) => key.Add(Guid.Empty));
        Accepted(static (ref key) => key.Add(" "));
        Accepted(static (ref key) => key.AddPart(new CustomerId("c-1")));
        Accepted(static (ref key) => key.AddList<int>([], static (ref key, item) => key.Add(item)));
        Accepted(static (ref key) =>
        {
            key.AddNull();
            key.Add("b");
        });
    }

    private static void Refused(TestKeys.Writing write)
    {
        var refused = Assert.Throws<ArgumentException>(() => Require(write));
        Assert.Equal(
            "Operation 'test.charge' was called without a key: what identifies the intent is null or empty. Calls without a key must not share one; " +
            "pass a key, or do not call the guarded method.",
            refused.Message);
    }

    private static void Accepted(TestKeys.Writing write) => Require(write);

    private static void Require(TestKeys.Writing write)
    {
        var key = new KeyWriter(new IdempotentOperation<int>("test.charge").KeyHeader, stackalloc byte[256]);
        write(ref key);
        key.RequireKey("test.charge");
    }

    private sealed record CustomerId(string? Value) : IIdempotencyKeyPart
    {
        public void WriteTo(ref KeyWriter key) => key.Add(Value);
    }
}
