namespace Gateway.Engine.Ports;

/// <summary>A source that is to be opened.</summary>
/// <param name="Link">The way to it as it stands now, in its provider's words; null: it has none, or needs none.</param>
public sealed record SourceOpening(SourceRef Source, string? Link)
{
    /// <summary>As people know it.</summary>
    public string Name { get; init; } = $"{Source}";

    /// <summary>Who shall hear it, as people know that.</summary>
    public string Listener { get; init; } = "the gateway";

    /// <summary>For a source that plays over a link.</summary>
    /// <exception cref="PortException">It has none.</exception>
    public string NeedLink() => Link
        ?? throw new PortException(PortError.NotReachable, $"{Name}, the source of {Listener}, has no link with the gateway.", "Connect it: it is taken up by itself.");
}

/// <summary>A source that is there and can be chosen.</summary>
/// <param name="Name">As people know it.</param>
public sealed record SourceOffer(SourceRef Source, string Name);

/// <summary>Provides sources of some kinds.</summary>
public interface ISourceProvider
{
    /// <summary>What is there now and has no place among the house's devices. Any thread.</summary>
    IReadOnlyList<SourceOffer> Offers => [];

    /// <summary><see cref="Offers"/> became others. Any thread; handlers only hand over.</summary>
    event Action? Changed
    {
        add { }
        remove { }
    }

    /// <summary>It is of a kind that this one opens; no other one does.</summary>
    bool Takes(SourceRef source);

    /// <summary>Completed on return, but where a disk or a server has to be waited for.</summary>
    /// <exception cref="PortException">It cannot be had now: why, and the remedy.</exception>
    Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken);
}
