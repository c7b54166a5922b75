using Idempotency.TestServers;
using Microsoft.Playwright;

namespace WebApi.Tests;

/// <summary>A real browser without a window, with a new and empty profile.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright _driver = null!;
    private IBrowser _browser = null!;

    public async Task InitializeAsync()
    {
        var program = Programs.Find("chromium", "the package chromium");
        Assertions.SetDefaultExpectTimeout(60_000); // what must show will show; how soon is the machine's affair
        _driver = await Playwright.CreateAsync();
        _browser = await _driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Headless = true,
            Timeout = 120_000,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
            ],
        });
    }

    /// <summary>Opens a window that shares nothing with any other.</summary>
    public Task<IPage> OpenAsync(int width, int height) => _browser.NewPageAsync(new BrowserNewPageOptions
    {
        ViewportSize = new ViewportSize { Width = width, Height = height },
        Locale = "en-GB",
        TimezoneId = "UTC",
    });

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _driver?.Dispose();
    }
}
