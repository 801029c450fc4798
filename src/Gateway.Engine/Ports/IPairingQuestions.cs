namespace Gateway.Engine.Ports;

/// <summary>A device asks to be let in, and nobody has said so beforehand (no pairing of ours, no pairing mode).</summary>
/// <param name="Id">Rises with each question, so that an answer can say which one it means; begins anywhere, so that one from before a restart fits none.</param>
/// <param name="Adapter">Address of our adapter.</param>
/// <param name="Device">Address of the device; null: BlueZ has not shown it.</param>
/// <param name="Text">The question as a sentence for people.</param>
/// <param name="Passkey">The six digits that both ends show, where the pairing has them.</param>
public sealed record PairingQuestion(int Id, BluetoothAddress Adapter, BluetoothAddress? Device, string Text, int? Passkey);

/// <summary>Questions that pairing raises, and their answers. An unanswered question is a no after half a minute.</summary>
public interface IPairingQuestions
{
    /// <summary>On the port's own thread; handlers only hand over.</summary>
    event Action<PairingQuestion>? Asked;

    /// <summary>Those that wait for an answer now, in the order of their ids.</summary>
    IReadOnlyList<PairingQuestion> Open { get; }

    /// <summary>Answers one of them; false where it is not open (any more).</summary>
    bool Answer(int id, bool accept);
}
