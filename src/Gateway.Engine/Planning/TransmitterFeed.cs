namespace Gateway.Engine;

/// <summary>Which socket feeds a transmitter (T2). Order of belief: what the user states, then the catalogue.</summary>
public static class TransmitterFeed
{
    /// <summary>The value of <see cref="ConfiguredTransmitter.FedBy"/> for an output of the gateway's own machine.</summary>
    public const string Gateway = "gateway";

    /// <summary>The audio output that a plan's <c>set_audio_output</c> step sets on the Echo that feeds this transmitter.</summary>
    public static AudioOutput OutputOf(House house, ConfiguredTransmitter transmitter)
    {
        ArgumentNullException.ThrowIfNull(house);
        ArgumentNullException.ThrowIfNull(transmitter);
        if (transmitter.Output is { } stated) return stated;
        var echo = house.Configured.Echoes.FirstOrDefault(e => e.Id == transmitter.FedBy);
        var match = CatalogueMatch.Echo(house.Catalogue, echo?.Model);
        if (Has(echo?.Outputs, match, AudioOutput.LineOut) == Tristate.Yes) return AudioOutput.LineOut;
        return Has(echo?.Outputs, match, AudioOutput.Optical) == Tristate.Yes || (echo?.Outputs is null && OnlyOptical(match)) ? AudioOutput.Optical : AudioOutput.LineOut;
    }

    /// <summary>The catalogue, sure or not, knows of an optical output and of no other.</summary>
    private static bool OnlyOptical(EchoMatch? match) => match?.Model is { Jack: Socket.None or Socket.In, Optical: Socket.Out or Socket.InOut };

    /// <summary>Has the Echo that socket as an output? Unknown where nobody states it and the catalogue is not sure.</summary>
    internal static Tristate Has(IReadOnlyList<AudioOutput>? stated, EchoMatch? match, AudioOutput output)
    {
        if (stated is not null) return stated.Contains(output) ? Tristate.Yes : Tristate.No;
        if (match is null || !match.SocketsAgree || match.Model.JackSource is Certainty.Unknown or Certainty.Unverified) return Tristate.Unknown;
        return (output == AudioOutput.Optical ? match.Model.Optical : match.Model.Jack) switch
        {
            Socket.Out or Socket.InOut => Tristate.Yes,
            Socket.None or Socket.In => Tristate.No,
            _ => Tristate.Unknown,
        };
    }
}
