using System.Runtime.CompilerServices;
using System.Text;
using Idempotency.Serialization;
using Xunit;

namespace Idempotency.Runtime.Tests.Serialization;

/// <summary>Stored bytes are an API: what any release has written stays readable and means the same.</summary>
public sealed class EnvelopeTests
{
    private static readonly Dictionary<string, Envelope> s_frozen = new()
    {
        ["v1-nothing.bin"] = new Envelope(EnvelopeKind.Nothing, 1, "Idempotency.NoResult", default),
        ["v1-json.bin"] = new Envelope(EnvelopeKind.Json, 2, "Shop.Receipt", "{\"id\":\"r-1\",\"amount\":12.50,\"note\":\"ü\"}"u8.ToArray()),
        ["v1-failure.bin"] = new Envelope(EnvelopeKind.Failure, 1, "Shop.CardDeclinedException", FailureContent.Write(Failure())),
        ["v1-unavailable.bin"] = new Envelope(EnvelopeKind.Unavailable, 1, "Shop.Report", "its result has 300000 bytes."u8.ToArray()),
    };

    public static TheoryData<string> Frozen => [.. s_frozen.Keys];

    [Theory, MemberData(nameof(Frozen))]
    public void A_frozen_payload_is_read_as_what_it_was(string file)
    {
        var (expected, actual) = (s_frozen[file], Envelope.Read(File.ReadAllBytes(PathOf(file))));

        Assert.Equal((expected.Kind, expected.Version, expected.TypeTag), (actual.Kind, actual.Version, actual.TypeTag));
        Assert.Equal(expected.Content.ToArray(), actual.Content.ToArray());
    }

    [Theory, MemberData(nameof(Frozen))]
    public void The_present_format_is_still_written_as_it_was_frozen(string file) =>
        Assert.Equal(File.ReadAllBytes(PathOf(file)), s_frozen[file].Write());

    [Fact]
    public void A_frozen_failure_has_its_message_and_its_values()
    {
        var failure = FailureContent.Read(Envelope.Read(File.ReadAllBytes(PathOf("v1-failure.bin"))).Content.Span);

        Assert.Equal("no funds", failure.Message);
        Assert.Equal(Failure().Values, failure.Values);
    }

    [Fact]
    public void Every_prefix_and_every_flipped_bit_is_refused()
    {
        var whole = s_frozen["v1-json.bin"].Write();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => Envelope.Read(whole.AsMemory(0, length)));
        }

        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<InvalidDataException>(() => Envelope.Read(damaged));
        }

        Assert.Throws<InvalidDataException>(() => Envelope.Read(whole.Append((byte)0).ToArray()));
        Assert.Throws<InvalidDataException>(() => Envelope.Read(new byte[whole.Length]));
    }

    [Fact]
    public void A_failure_that_ends_too_early_is_refused()
    {
        var whole = FailureContent.Write(Failure());
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => FailureContent.Read(whole.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_long_message_is_cut()
    {
        var failure = FailureContent.Read(FailureContent.Write(new FailureData(new string('x', 1_000_000))));

        Assert.Equal(4096, failure.Message.Length);
    }

    private static FailureData Failure() => new("no funds") { ["code"] = "51", ["bank"] = Encoding.UTF8.GetString("ß"u8) };

    private static string PathOf(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Frozen", file);
}
