namespace Payments.Tests;

public class LedgerCheckTests
{
    private static readonly ChargeRequest Charge = new("ch_1", "cus_1", 100, "eur");

    [Fact]
    public void A_charge_made_once_is_right() => Assert.Empty(Problems([Charge, Charge], [Made(1)]));

    [Fact]
    public void A_missing_charge_is_found() => Assert.Equal(["ch_1 is missing."], Problems([Charge], []));

    [Fact]
    public void A_doubled_charge_is_found() => Assert.Equal(["ch_1 was charged 2 times."], Problems([Charge], [Made(1), Made(2)]));

    [Fact]
    public void A_charge_of_another_amount_is_found() =>
        Assert.Equal(["ch_1 was charged, but not as it was delivered."], Problems([Charge], [Made(1) with { Amount = 99 }]));

    [Fact]
    public void A_charge_that_nobody_asked_for_is_found() =>
        Assert.Equal(["ch_1 was charged, but never delivered."], Problems([], [Made(1)]));

    [Fact]
    public void A_declined_card_may_not_be_charged()
    {
        var declined = Charge with { Card = TestCard.Declined };

        Assert.Empty(Problems([declined], []));
        Assert.Equal(["ch_1 was charged, but not as it was delivered."], Problems([declined], [Made(1)]));
    }

    [Fact]
    public void Of_two_amounts_under_one_id_either_is_right_and_both_are_wrong()
    {
        var other = Charge with { Amount = 200 };

        Assert.Empty(Problems([Charge, other], [Made(1)]));
        Assert.Empty(Problems([Charge, other], [Made(1) with { Amount = 200 }]));
        Assert.Equal(["ch_1 was charged 2 times."], Problems([Charge, other], [Made(1), Made(2) with { Amount = 200 }]));
    }

    private static Receipt Made(int number) => new(number, Charge.ChargeId, Charge.Customer, Charge.Amount, Charge.Currency);

    private static IReadOnlyList<string> Problems(ChargeRequest[] asked, Receipt[] made) =>
        LedgerCheck.FindProblems(asked.Select(request => new Delivery("evt_1", Delivery.ChargeRequested, request)), made);
}
