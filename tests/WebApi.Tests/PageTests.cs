using Microsoft.Playwright;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace WebApi.Tests;

/// <summary>The page, clicked through in a real browser: what visitors see.</summary>
public sealed class PageTests(Browser browser, ITestOutputHelper output) : IClassFixture<Browser>
{
    private const string Once = "1 charge for ann, 25.00 in all.";

    [Fact]
    public async Task Two_clicks_take_the_money_once_and_both_get_the_same_answer()
    {
        using var visit = await VisitAsync();

        await visit.Button("Pay").DblClickAsync();

        await Expect(visit.Requests("charged")).ToHaveCountAsync(1);
        await Expect(visit.Requests("replayed")).ToHaveCountAsync(1);
        await Expect(visit.Total).ToHaveTextAsync(Once);
        Assert.Equal(
            await visit.Requests("charged").Locator("pre").TextContentAsync(),
            await visit.Requests("replayed").Locator("pre").TextContentAsync());
        Assert.Single(await visit.Sample.ReadLedgerAsync());
        await visit.ShowAsync("two-clicks");
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_no_loss_to_who_sends_it_again()
    {
        using var visit = await VisitAsync("--takes", "3");

        await visit.Button("Pay").ClickAsync();
        await visit.Sample.Process.UntilReadyAsync(() => Task.FromResult(visit.Sample.Log.Contains("Charging", StringComparison.Ordinal)));
        await visit.Button("Cut the connection").ClickAsync();

        await Expect(visit.Newest).ToHaveAttributeAsync("data-state", "cut");
        await Expect(visit.Newest).ToContainTextAsync("nobody told you whether the money was taken");
        await Expect(visit.Total).ToHaveTextAsync(Once); // the handler has gone on
        await visit.Button("Send it again").ClickAsync();
        await Expect(visit.Newest).ToHaveAttributeAsync("data-state", "replayed");
        await Expect(visit.Newest.Locator("pre")).ToHaveTextAsync(Assert.Single(await visit.Sample.ReadLedgerAsync()));
        await Expect(visit.Total).ToHaveTextAsync(Once);
        await visit.ShowAsync("cut-and-again");
    }

    [Fact]
    public async Task Another_amount_under_the_same_key_is_refused_in_plain_words_and_a_new_key_pays()
    {
        using var visit = await VisitAsync("--takes", "0");

        await visit.Button("Pay").ClickAsync();
        await Expect(visit.Newest).ToHaveAttributeAsync("data-state", "charged");
        await visit.Button("Pay another amount").ClickAsync();
        await Expect(visit.Newest).ToHaveAttributeAsync("data-state", "refused");
        await Expect(visit.Newest).ToContainTextAsync("422");
        await Expect(visit.Newest).ToContainTextAsync("this key belongs to a payment that said something else. Nothing was taken.");
        await Expect(visit.Total).ToHaveTextAsync(Once);

        await visit.Button("Pay with a new key").ClickAsync();
        await Expect(visit.Newest).ToHaveAttributeAsync("data-state", "charged");
        await Expect(visit.Total).ToHaveTextAsync("2 charges for ann, 50.00 in all.");
        await visit.ShowAsync("other-amount-and-new-key");

        await visit.Page.GetByLabel("You are").SelectOptionAsync("ben");
        await Expect(visit.Total).ToHaveTextAsync("Nothing yet, for ben.");
        await visit.Button("Pay").ClickAsync(); // with a key that ann has used
        await Expect(visit.Newest).ToHaveAttributeAsync("data-state", "charged");
        await Expect(visit.Total).ToHaveTextAsync("1 charge for ben, 25.00 in all.");
    }

    [Fact]
    public async Task What_is_wrong_is_said_in_plain_words()
    {
        using var visit = await VisitAsync("--takes", "0");

        await visit.Page.GetByLabel("Amount").FillAsync("0");
        await visit.Button("Pay").ClickAsync();
        await Expect(visit.Newest).ToContainTextAsync("The amount must be from 0.01 to 10,000.");

        await visit.Sample.Process.KillAsync();
        await visit.Button("Send it again").ClickAsync();
        await Expect(visit.Newest).ToHaveAttributeAsync("data-state", "unanswered");
        await Expect(visit.Newest).ToContainTextAsync("The server cannot be reached.");
        await Expect(visit.Total).ToHaveTextAsync("The server does not answer; the ledger cannot be shown.");
        await visit.ShowAsync("errors");
    }

    [Fact]
    public async Task It_fits_on_a_phone_and_works_with_keys_alone()
    {
        using var visit = await VisitAsync("--takes", "0", width: 390, height: 844);

        await visit.Button("Pay").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Newest).ToHaveAttributeAsync("data-state", "charged");
        await Expect(visit.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Request 1: 201 charged."); // what a screen reader says
        await visit.Page.Keyboard.PressAsync("Tab"); // the connection cannot be cut: there is none
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Newest).ToHaveAttributeAsync("data-state", "replayed");
        await Expect(visit.Page.GetByRole(AriaRole.Table)).ToBeVisibleAsync();

        Assert.Equal(390, await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await visit.ShowAsync("phone");
    }

    private Task<Visit> VisitAsync(params string[] args) => Visit.BeginAsync(browser, output, 1280, 900, args);

    private Task<Visit> VisitAsync(string option, string value, int width, int height) => Visit.BeginAsync(browser, output, width, height, option, value);
}
