namespace Payments.Tests;

public class DeliveryFileTests
{
    private const string Good = """{"id":"evt_1","type":"charge.requested","data":{"charge_id":"ch_1","customer":"cus_1","amount":100,"currency":"eur"}}""";

    [Fact]
    public void A_delivery_is_read()
    {
        var delivery = Assert.Single(Read(Good).Deliveries);

        Assert.Equal(new ChargeRequest("ch_1", "cus_1", 100, "eur", TestCard.Pays), delivery.Data);
    }

    [Theory]
    [InlineData("not json", "'not json' is an invalid JSON literal")]
    [InlineData("{\"id\":\"evt_1\"", "Expected depth to be zero")]
    [InlineData("null", "null is not a delivery")]
    [InlineData("[]", "could not be converted")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"charge.requested\"}", "'data'")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"charge.requested\",\"data\":null}", "'Data'")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"customer.deleted\",\"data\":{\"charge_id\":\"ch_1\",\"customer\":\"cus_1\",\"amount\":1,\"currency\":\"eur\"}}", "The type is 'customer.deleted'")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"charge.requested\",\"data\":{\"charge_id\":\" \",\"customer\":\"cus_1\",\"amount\":1,\"currency\":\"eur\"}}", "data.charge_id is empty")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"charge.requested\",\"data\":{\"charge_id\":\"ch_1\",\"customer\":\"cus_1\",\"amount\":0,\"currency\":\"eur\"}}", "data.amount is 0")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"charge.requested\",\"data\":{\"charge_id\":\"ch_1\",\"customer\":\"cus_1\",\"amount\":1.5,\"currency\":\"eur\"}}", "could not be converted")]
    [InlineData("{\"id\":\"evt_1\",\"type\":\"charge.requested\",\"data\":{\"charge_id\":\"\\ud800\",\"customer\":\"cus_1\",\"amount\":1,\"currency\":\"eur\"}}", "at $.data.charge_id")]
    public void A_malformed_line_is_told_with_its_number_and_the_others_are_read(string line, string reason)
    {
        var (deliveries, malformed) = Read($"{Good}\n\n{line}\n{Good}\n");

        Assert.Equal(2, deliveries.Count);
        var (number, told) = Assert.Single(malformed);
        Assert.Equal(3, number);
        Assert.Contains(reason, told, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", told, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_of_the_sample_is_what_its_generator_writes()
    {
        using var file = new TemporaryFile();
        DeliveryFile.Write(file.Path, DeliveryGenerator.Generate());

        Assert.Equal(File.ReadAllText(file.Path), File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "deliveries.jsonl")));
    }

    private static (IReadOnlyList<Delivery> Deliveries, List<(int Number, string Reason)> Malformed) Read(string content)
    {
        using var file = new TemporaryFile(content);
        var malformed = new List<(int, string)>();
        return (DeliveryFile.Read(file.Path, (number, reason) => malformed.Add((number, reason))), malformed);
    }
}
