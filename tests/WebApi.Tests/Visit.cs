using Microsoft.Playwright;
using Xunit.Abstractions;

namespace WebApi.Tests;

/// <summary>Somebody who looks at the page of a sample of their own.</summary>
internal sealed class Visit : IDisposable
{
    private static readonly string s_artifacts = Path.Combine(AppContext.BaseDirectory, "artifacts");

    private readonly ITestOutputHelper _output;
    private readonly List<string> _faults = [];

    private Visit(Sample sample, IPage page, ITestOutputHelper output)
    {
        (Sample, Page, _output) = (sample, page, output);
        page.PageError += (_, fault) => _faults.Add($"The script failed: {fault}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(sample.Address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                _faults.Add($"The page asks somebody else: {request.Url}");
            }
        };
    }

    public Sample Sample { get; }

    public IPage Page { get; }

    /// <summary>How much was taken.</summary>
    public ILocator Total => Page.Locator("#total");

    /// <summary>The request that was sent last.</summary>
    public ILocator Newest => Page.Locator("#requests > li").First;

    public static async Task<Visit> BeginAsync(Browser browser, ITestOutputHelper output, int width, int height, params string[] args)
    {
        var sample = await Sample.StartAsync(args);
        var visit = new Visit(sample, await browser.OpenAsync(width, height), output);
        await visit.Page.GotoAsync(sample.Address.ToString());
        await Assertions.Expect(visit.Total).ToHaveTextAsync("Nothing yet, for ann.");
        return visit;
    }

    /// <summary>The button with exactly this name.</summary>
    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>The requests that have come to this.</summary>
    public ILocator Requests(string state) => Page.Locator($"#requests > li[data-state={state}]");

    /// <summary>Keeps a picture of the page, for people, and asserts that its script has not failed and it has asked nobody but its server.</summary>
    public async Task ShowAsync(string name)
    {
        var path = Path.Combine(s_artifacts, $"{name}.png");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = true });
        _output.WriteLine(path);
        Assert.Empty(_faults);
    }

    public void Dispose()
    {
        Page.CloseAsync().GetAwaiter().GetResult(); // the page is closed before its server is stopped, and a test disposes of both at once
        Sample.Dispose();
    }
}
