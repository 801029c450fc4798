namespace Gateway.Engine.Ports;

/// <summary>A device asks to be let in, and nobody has said so beforehand (no pairing of ours, no pairing mode).</summary>
/// <param name="Id">Rises with each question.</param>
/// <param name="Adapter">Address of our adapter.</param>
/// <param name="Device">Address of the device.</param>
/// <param name="Text">The question as a sentence for people.</param>
/// <param name="Passkey">The six digits that both ends show, where the pairing has them.</param>
public sealed record PairingQuestion(int Id, string Adapter, string Device, string Text, int? Passkey);

/// <summary>Questions that pairing raises, and their answers. An unanswered question is a no after half a minute.</summary>
public interface IPairingQuestions
{
    /// <summary>On the port's own thread; handlers only hand over.</summary>
    event Action<PairingQuestion>? Asked;

    /// <summary>Answers the open question; false where none is open.</summary>
    bool Answer(bool accept);
}
