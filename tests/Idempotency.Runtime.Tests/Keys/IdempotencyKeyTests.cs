using System.Security.Cryptography;
using System.Text;
using Idempotency.Keys;
using Xunit;

namespace Idempotency.Runtime.Tests.Keys;

/// <summary>What a key is called outside the process, and when two are one.</summary>
public sealed class IdempotencyKeyTests
{
    private static readonly byte[] s_secret = Encoding.UTF8.GetBytes("0123456789abcdef");

    [Fact]
    public void The_text_is_the_whole_SHA_256_of_the_canonical_bytes()
    {
        var key = TestKeys.Of("4111-1111-1111-1111");

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.Canonical)), key.Text);
        Assert.Equal("520eec4be512ce43b4ea58ddb4e0b5402373a3befa3ad9bc4ac4d22cfb050cbc", key.Text); // stored keys: never changes
    }

    [Fact]
    public void With_a_secret_the_text_is_an_HMAC_that_nobody_can_guess_the_argument_from()
    {
        var key = TestKeys.Of("4111-1111-1111-1111", hasher: new KeyHasher(s_secret));

        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(s_secret, key.Canonical)), key.Text);
        Assert.NotEqual(TestKeys.Of("4111-1111-1111-1111").Text, key.Text);
        Assert.NotEqual(TestKeys.Of("4111-1111-1111-1111", hasher: new KeyHasher([.. s_secret.Reverse()])).Text, key.Text);
    }

    [Fact]
    public void A_secret_that_is_changed_later_changes_nothing()
    {
        var secret = s_secret.ToArray();
        var hasher = new KeyHasher(secret);
        secret.AsSpan().Clear();

        Assert.Equal(TestKeys.Of("a", hasher: new KeyHasher(s_secret)).Text, TestKeys.Of("a", hasher: hasher).Text);
    }

    [Theory]
    [InlineData("4111-1111-1111-1111")]
    [InlineData("someone@example.com")]
    [InlineData("../../etc/passwd")]
    [InlineData("line\nbreak {tag} 'quote'")]
    public void Neither_text_nor_name_contains_an_argument(string argument)
    {
        var key = TestKeys.Of(argument);

        Assert.Matches("^[0-9a-f]{64}$", key.Text);
        Assert.Equal($"tests.charge/{key.Text[..8]}", key.ToString());
        Assert.DoesNotContain(argument, key.Text + key, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_equal_when_their_bytes_are()
    {
        var (one, same, other) = (TestKeys.Of("a"), TestKeys.Of("a"), TestKeys.Of("b"));

        Assert.True(one.Equals(same) && one.Equals((object)same));
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.False(one.Equals(other) || one.Equals(null) || one.Equals("a"));
        Assert.NotEqual(one, TestKeys.Of("a", operation: "tests.refund"));
    }

    [Fact]
    public void The_same_arguments_of_another_operation_version_or_schema_are_another_key()
    {
        string[] headers =
        [
            Header(new IdempotentOperation<int>("charge")),
            Header(new IdempotentOperation<int>("charge", 2)),
            Header(new IdempotentOperation<int>("refund")),
            Header(new IdempotentOperation<int>("charge", 1, "charge v1: userId:i32")),
            Header(new IdempotentOperation<int>("charge", 1, "charge v1: accountId:i32")),
        ];

        Assert.Equal(headers.Length, headers.Distinct().Count());

        static string Header(IdempotentOperation<int> operation) => Convert.ToHexString(operation.KeyHeader);
    }

    [Fact]
    public void A_key_from_outside_equals_the_one_it_names()
    {
        var key = TestKeys.Of("a");
        var outside = IdempotencyKey.FromText("tests.charge", key.Text.ToUpperInvariant());

        Assert.Equal((key.Text, "tests.charge"), (outside.Text, outside.Operation));
        Assert.True(outside.Canonical.IsEmpty);
        Assert.True(outside.Equals(key) && key.Equals(outside));
        Assert.Equal(key.GetHashCode(), outside.GetHashCode());
        Assert.NotEqual(outside, IdempotencyKey.FromText("tests.charge", TestKeys.Of("b").Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("g000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(" 000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("\u0661000000000000000000000000000000000000000000000000000000000000000")]
    public void Text_that_is_not_64_hexadecimal_digits_is_refused(string text)
    {
        var refusal = Assert.Throws<ArgumentException>(() => IdempotencyKey.FromText("tests.charge", text));

        Assert.Equal("text", refusal.ParamName);
        Assert.Contains("64 hexadecimal digits", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_from_outside_needs_an_operation_and_a_text()
    {
        var text = new string('0', 64);

        Assert.Throws<ArgumentNullException>(() => IdempotencyKey.FromText(null!, text));
        Assert.Throws<ArgumentException>(() => IdempotencyKey.FromText(" ", text));
        Assert.Throws<ArgumentNullException>(static () => IdempotencyKey.FromText("tests.charge", null!));
    }
}
