using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.HtmlRendering.Infrastructure;
using Microsoft.AspNetCore.Components.Web.HtmlRendering;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collab.BlazorTests.Kit;

/// <summary>Renders to HTML, as the framework's <c>HtmlRenderer</c> does, and says that it is interactive, if it is to.</summary>
internal sealed partial class TestRenderer(IServiceProvider services, bool isInteractive) : StaticHtmlRenderer(services, NullLoggerFactory.Instance)
{
    private readonly Slot _slot = new();
    private readonly List<Exception> _failures = [];
    private HtmlRootComponent? _page;

    protected override RendererInfo RendererInfo => new("Test", isInteractive);

    /// <summary>Puts something on the page, in the place of what was there.</summary>
    public Task ShowAsync(RenderFragment content) => Dispatcher.InvokeAsync(() =>
    {
        _slot.Content = content;
        if (_page is null) _page = BeginRenderingComponent(typeof(Page), ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Page.Slot)] = _slot }));
        else _slot.Filled!();
    });

    /// <summary>What is on the page.</summary>
    public Task<XElement> ReadAsync() =>
        Dispatcher.InvokeAsync(() => XElement.Parse($"<body>{Scope().Replace(_page!.Value.ToHtmlString(), "")}</body>", LoadOptions.PreserveWhitespace));

    /// <summary>What no error boundary has caught since this was last asked.</summary>
    public Exception[] TakeFailures()
    {
        Exception[] failures = [.. _failures];
        _failures.Clear();
        return failures;
    }

    /// <summary>All of a test is in one place, whatever a page asks for.</summary>
    protected override IComponent ResolveComponentForRenderMode(Type componentType, int? parentComponentId, IComponentActivator componentActivator, IComponentRenderMode renderMode) =>
        componentActivator.CreateInstance(componentType);

    protected override void HandleException(Exception exception) => _failures.Add(exception);

    /// <summary>The attribute without a value by which isolated styles find their elements: the only thing in this HTML that is no XML.</summary>
    [GeneratedRegex(" b-[0-9a-z]{10}(?=[ />])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Scope();
}
